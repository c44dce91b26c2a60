// SPDX-License-Identifier: Apache-2.0
#ifndef INGOT_KERNELS_SELECT_SCAN_H
#define INGOT_KERNELS_SELECT_SCAN_H

#include "keys.h"

namespace INGOT_NAMESPACE {

// What the first pass over a block finds: keys in [low, high], by index, and how many are larger. Few keys are in a
// bracket, so that telling its ends from its inside is left to a second pass over those.
struct alignas(64) bracket {
    int32_t keys[kBlock + kLanes];
    int count;
    int64_t above;
};

// Stands for a mask with all lanes set.
struct all_lanes {};

INGOT_FN M both(M a, all_lanes) { return a; }

struct bracket_loop {
    const float *base;
    int32_t low, high;
    bracket *found;

    template <class T>
    void run(const char *p, int n) const {
        const I last = splat<I>(high);
        // low <= key <= high as one comparison: key - low, moved to the signed range, is below the moved width.
        const uint32_t top = 0x80000000u;
        const I first = splat<I>((int32_t)((uint32_t)low ^ top));
        const I end = splat<I>((int32_t)(((uint32_t)high - (uint32_t)low + 1) ^ top));
        const float *b = base;
        int32_t *keys = found->keys;
        I above = splat<I>(0);
        int count = 0;
        auto step = [&](int i, F x, auto valid) {
            const I key = magnitude_key(sub(x, load_f32(b + i)));
            above = count_lanes(above, both(greater(key, last), valid));
            count += compress_store(keys + count, key, both(greater(end, sub(key, first)), valid));
        };
        int i = 0;
        for (; i + 2 * kLanes <= n; i += 2 * kLanes) {
            step(i, T::load(p + (int64_t)i * T::bytes), all_lanes{});
            step(i + kLanes, T::load(p + (int64_t)(i + kLanes) * T::bytes), all_lanes{});
        }
        for (; i + kLanes <= n; i += kLanes) step(i, T::load(p + (int64_t)i * T::bytes), all_lanes{});
        if (i < n) step(i, load_first<T>(p + (int64_t)i * T::bytes, n - i), greater(splat<I>(n - i), iota()));
        found->count = count;
        found->above = sum_lanes(above);
    }
};

// The second pass: counts the ends and moves the keys between them to the front; returns how many these are.
static int split_bracket(bracket &found, ingot_select_term &term) {
    const I low = splat<I>(term.low), high = splat<I>(term.high);
    I at_low = splat<I>(0), at_high = splat<I>(0);
    int inside = 0;
    for (int i = 0; i < found.count; i += kLanes) {
        const I key = load_i32(found.keys + i);
        const M valid = greater(splat<I>(found.count - i), iota());
        const M is_low = both(equal(key, low), valid), is_high = both(equal(key, high), valid);
        at_low = count_lanes(at_low, is_low);
        at_high = count_lanes(at_high, is_high);
        inside += compress_store(found.keys + inside, key, without(valid, either(is_low, is_high)));
    }
    term.at_low += sum_lanes(at_low);
    term.at_high += sum_lanes(at_high);
    return inside;
}

static void scan_block(ingot_select_term &term, const float_block &base, int64_t start, int n) {
    bracket found;
    with_block(term.model, start, n, bracket_loop{base.v, term.low, term.high, &found});
    term.above += found.above;
    const int inside = split_bracket(found, term);
    const int64_t room = term.capacity - term.inside;
    const int64_t copied = inside < room ? inside : room;
    if (copied > 0) memcpy(term.candidates + term.inside, found.keys, (size_t)copied * sizeof(int32_t));
    term.inside += inside;
}

// Needs -1 <= low <= high. Adds to the results, which start at 0.
static void select_scan(const ingot_select_scan_args &args) {
    float_block base;
    for (int64_t start = 0; start < args.count; start += kBlock) {
        const int n = block_length(args.count, start);
        widen_block(args.base, start, n, base);
        for (int32_t term = 0; term < args.term_count; term++) scan_block(args.terms[term], base, start, n);
    }
}

}  // namespace INGOT_NAMESPACE

#endif

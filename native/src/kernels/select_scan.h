// SPDX-License-Identifier: Apache-2.0
#ifndef INGOT_KERNELS_SELECT_SCAN_H
#define INGOT_KERNELS_SELECT_SCAN_H

#include "keys.h"

namespace INGOT_NAMESPACE {

// One key at a time, for the ends of blocks and of the candidates' memory.
static void classify_one(ingot_select_term &term, int32_t key) {
    term.above += key > term.high;
    term.at_high += key == term.high;
    term.at_low += key == term.low;
    if (key > term.low && key < term.high) {
        if (term.inside < term.capacity) term.candidates[term.inside] = key;
        term.inside++;
    }
}

static void classify(ingot_select_term &term, const int_block &keys, int n) {
    const I low = splat<I>(term.low);
    const I high = splat<I>(term.high);
    I above = splat<I>(0), at_high = splat<I>(0), at_low = splat<I>(0);
    int64_t inside = term.inside;
    int i = 0;
    for (; i + kLanes <= n && inside + kLanes <= term.capacity; i += kLanes) {
        const I key = load_i32(keys.v + i);
        above = count_lanes(above, greater(key, high));
        at_high = count_lanes(at_high, equal(key, high));
        at_low = count_lanes(at_low, equal(key, low));
        inside += compress_store(term.candidates + inside, key, both(greater(key, low), greater(high, key)));
    }
    term.above += sum_lanes(above);
    term.at_high += sum_lanes(at_high);
    term.at_low += sum_lanes(at_low);
    term.inside = inside;
    for (; i < n; i++) classify_one(term, keys.v[i]);
}

// Adds to the results, which start at 0.
static void select_scan(const ingot_select_scan_args &args) {
    float_block base;
    int_block keys;
    for (int64_t start = 0; start < args.count; start += kBlock) {
        const int n = block_length(args.count, start);
        widen_block(args.base, start, n, base);
        for (int32_t term = 0; term < args.term_count; term++) {
            keys_of_block(args.terms[term].model, base, start, n, keys);
            classify(args.terms[term], keys, n);
        }
    }
}

}  // namespace INGOT_NAMESPACE

#endif

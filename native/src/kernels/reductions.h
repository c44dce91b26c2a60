// SPDX-License-Identifier: Apache-2.0
//
// Sums in float64 of the shape that ingot.h fixes: 16 accumulators per chunk, folded in halves.
#ifndef INGOT_KERNELS_REDUCTIONS_H
#define INGOT_KERNELS_REDUCTIONS_H

#include "mask.h"

namespace INGOT_NAMESPACE {

constexpr int kAccumulators = 16;
constexpr int kParts = kAccumulators / kLanes;

struct alignas(64) accumulators {
    double v[kAccumulators];
};

// The accumulators in registers.
struct running_sum {
    D part[kParts];

    INGOT_FN void load(const accumulators &from) {
        for (int p = 0; p < kParts; p++) part[p] = load_d(from.v + p * kLanes);
    }

    INGOT_FN void store(accumulators &to) const {
        for (int p = 0; p < kParts; p++) store_d(to.v + p * kLanes, part[p]);
    }
};

static double fold(accumulators &a) {
    for (int half = kAccumulators / 2; half > 0; half /= 2) {
        for (int j = 0; j < half; j++) a.v[j] += a.v[j + half];
    }
    return a.v[0] == a.v[0] ? a.v[0] : __builtin_nan("");
}

INGOT_FN void clear(float_block &block) { memset(&block, 0, sizeof block); }

struct delta_loop {
    const float *base;
    float *out;

    template <class T>
    void run(const char *p, int n) const {
        const float *b = base;
        float *d = out;
        for_each_vector<T>(p, n, [=](int i, F x) { store_f32(d + i, sub(x, load_f32(b + i))); });
    }
};

// Deltas of a block, then zeros: adding them to a sum changes nothing, so that the loops below need no ends.
INGOT_FN void deltas_of_block(const ingot_operand &model, const float_block &base, int64_t start, int n,
                              float_block &out) {
    if (n < kBlock) clear(out);
    with_block(model, start, n, delta_loop{base.v, out.v});
}

template <class Keep>
static void add_magnitudes(const float *d, const Keep &keep, int n, accumulators *sums) {
    running_sum all, some;
    all.load(sums[0]);
    some.load(sums[1]);
    for (int i = 0; i < n; i += kAccumulators) {
        for (int p = 0; p < kParts; p++) {
            const int element = i + p * kLanes;
            const F x = load_f32(d + element);
            all.part[p] = add(all.part[p], widen(magnitude(x)));
            some.part[p] = add(some.part[p], widen(magnitude(keep(element, x))));
        }
    }
    all.store(sums[0]);
    some.store(sums[1]);
}

static void delta_sums(const ingot_delta_sums_args &args) {
    const int k = args.term_count;
    float_block base, d;
    accumulators sums[INGOT_MAX_TERMS][2];
    double *out = args.sums;
    for (int64_t chunk = 0; chunk < args.count; chunk += INGOT_CHUNK) {
        const int64_t stop = args.count - chunk > INGOT_CHUNK ? chunk + INGOT_CHUNK : args.count;
        memset(sums, 0, (size_t)k * sizeof sums[0]);
        for (int64_t start = chunk; start < stop; start += kBlock) {
            const int n = block_length(stop, start);
            widen_block(args.base, start, n, base);
            for (int term = 0; term < k; term++) {
                deltas_of_block(args.terms[term].model, base, start, n, d);
                with_mask(args.terms[term].mask, args.start + start, n,
                          [&](auto keep) { add_magnitudes(d.v, keep, n, sums[term]); });
            }
        }
        for (int term = 0; term < k; term++) {
            *out++ = fold(sums[term][0]);
            *out++ = fold(sums[term][1]);
        }
    }
}

static void add_products(const float_block &a, const float_block &b, int n, accumulators &sum) {
    running_sum s;
    s.load(sum);
    for (int i = 0; i < n; i += kAccumulators) {
        for (int p = 0; p < kParts; p++) {
            const int element = i + p * kLanes;
            s.part[p] = add_exact_product(s.part[p], widen(load_f32(a.v + element)), widen(load_f32(b.v + element)));
        }
    }
    s.store(sum);
}

static void gram(const ingot_gram_args &args) {
    const int k = args.input_count;
    const int pairs = k * (k + 1) / 2;
    float_block base, rows[INGOT_MAX_TERMS];
    accumulators sums[INGOT_MAX_TERMS * (INGOT_MAX_TERMS + 1) / 2];
    double *out = args.sums;
    for (int64_t chunk = 0; chunk < args.count; chunk += INGOT_CHUNK) {
        const int64_t stop = args.count - chunk > INGOT_CHUNK ? chunk + INGOT_CHUNK : args.count;
        memset(sums, 0, (size_t)pairs * sizeof sums[0]);
        for (int64_t start = chunk; start < stop; start += kBlock) {
            const int n = block_length(stop, start);
            if (args.base.data) widen_block(args.base, start, n, base);
            for (int row = 0; row < k; row++) {
                if (args.base.data) {
                    deltas_of_block(args.inputs[row], base, start, n, rows[row]);
                } else {
                    if (n < kBlock) clear(rows[row]);
                    widen_block(args.inputs[row], start, n, rows[row]);
                }
            }
            for (int row = 0, pair = 0; row < k; row++) {
                for (int column = 0; column <= row; column++) add_products(rows[row], rows[column], n, sums[pair++]);
            }
        }
        for (int pair = 0; pair < pairs; pair++) *out++ = fold(sums[pair]);
    }
}

}  // namespace INGOT_NAMESPACE

#endif

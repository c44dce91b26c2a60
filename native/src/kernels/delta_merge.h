// SPDX-License-Identifier: Apache-2.0
#ifndef INGOT_KERNELS_DELTA_MERGE_H
#define INGOT_KERNELS_DELTA_MERGE_H

#include "mask.h"

namespace INGOT_NAMESPACE {

// y = weight * (rescale * kept(x - base)) of one term and block.
template <class Keep, bool rescaled>
struct term_loop {
    const float *base;
    float rescale;
    float weight;
    Keep keep;
    float *y;

    template <class T>
    void run(const char *p, int n) const {
        const F r = splat<F>(rescale);
        const F w = splat<F>(weight);
        const Keep k = keep;
        const float *b = base;
        float *out = y;
        for_each_vector<T>(p, n, [=](int i, F x) {
            const F d = k(i, sub(x, load_f32(b + i)));
            store_f32(out + i, rescaled ? weighted_term(d, r, w) : mul(w, d));
        });
    }
};

static void merge_term(const ingot_delta_term &term, const float_block &base, int64_t start, int64_t index, int n,
                       float_block &y) {
    with_mask(term.mask, index, n, [&](auto keep) {
        using Keep = decltype(keep);
        if (term.rescale == 1.0f) {
            with_block(term.model, start, n, term_loop<Keep, false>{base.v, 1.0f, term.weight, keep, y.v});
        } else {
            with_block(term.model, start, n, term_loop<Keep, true>{base.v, term.rescale, term.weight, keep, y.v});
        }
    });
}

// Vectors that go through a reduction over the terms together: each has its own chain of dependent additions.
constexpr int kTogether = 2;

struct vectors {
    F v[kTogether];
};

INGOT_FN vectors sum_of_terms(const float_block *y, int k, int i) {
    vectors sum;
    for (int j = 0; j < kTogether; j++) sum.v[j] = load_f32(y[0].v + i + j * kLanes);
    for (int term = 1; term < k; term++) {
        for (int j = 0; j < kTogether; j++) sum.v[j] = add(sum.v[j], load_f32(y[term].v + i + j * kLanes));
    }
    return sum;
}

template <bool normalize>
INGOT_FN vectors elected_terms(const float_block *y, const ingot_delta_term *terms, int k, int i) {
    const vectors sum = sum_of_terms(y, k, i);
    sign_election<F> elections[kTogether];
    for (int j = 0; j < kTogether; j++) elections[j] = sign_election<F>::of(sum.v[j]);
    for (int term = 0; term < k; term++) {
        const F weight = splat<F>(terms[term].weight);
        for (int j = 0; j < kTogether; j++) elections[j].add_term(load_f32(y[term].v + i + j * kLanes), weight);
    }
    vectors merged;
    for (int j = 0; j < kTogether; j++) merged.v[j] = normalize ? elections[j].mean() : elections[j].sum();
    return merged;
}

// The outputs of a block in place of its base; reduce(i) gives the merged deltas from element i on.
template <class Reduce>
static void fold_terms(float_block &base, float lambda, int n, const Reduce &reduce) {
    const F l = splat<F>(lambda);
    for (int i = 0; i < n; i += kTogether * kLanes) {
        const vectors delta = reduce(i);
        for (int j = 0; j < kTogether; j++) {
            float *at = base.v + i + j * kLanes;
            store_f32(at, merged(load_f32(at), l, delta.v[j]));
        }
    }
}

static void delta_merge(const ingot_delta_merge_args &args) {
    const int k = args.term_count;
    const F divisor = splat<F>(args.divisor);
    float_block base, y[INGOT_MAX_TERMS];
    for (int64_t start = 0; start < args.count; start += kBlock) {
        const int n = block_length(args.count, start);
        widen_block(args.base, start, n, base);
        for (int term = 0; term < k; term++) {
            merge_term(args.terms[term], base, start, args.start + start, n, y[term]);
        }
        if (args.consensus && args.normalize) {
            fold_terms(base, args.lambda, n, [&](int i) { return elected_terms<true>(y, args.terms, k, i); });
        } else if (args.consensus) {
            fold_terms(base, args.lambda, n, [&](int i) { return elected_terms<false>(y, args.terms, k, i); });
        } else if (args.divisor != 1.0f) {
            fold_terms(base, args.lambda, n, [&](int i) {
                vectors sum = sum_of_terms(y, k, i);
                for (F &s : sum.v) s = div(s, divisor);
                return sum;
            });
        } else {
            fold_terms(base, args.lambda, n, [&](int i) { return sum_of_terms(y, k, i); });
        }
        narrow_block(base, args.output, start, n);
    }
}

}  // namespace INGOT_NAMESPACE

#endif

// SPDX-License-Identifier: Apache-2.0
#ifndef INGOT_KERNELS_DELTA_MERGE_H
#define INGOT_KERNELS_DELTA_MERGE_H

#include "mask.h"

namespace INGOT_NAMESPACE {

// y = weight * (rescale * kept(x - base)) of one term and block.
template <class Keep>
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
            store_f32(out + i, weighted_term(k(i, sub(x, load_f32(b + i))), r, w));
        });
    }
};

static void merge_term(const ingot_delta_term &term, const float_block &base, int64_t start, int64_t index, int n,
                       float_block &y) {
    with_mask(term.mask, index, n, [&](auto keep) {
        with_block(term.model, start, n, term_loop<decltype(keep)>{base.v, term.rescale, term.weight, keep, y.v});
    });
}

// The merged delta of every element from the terms of a block, and from it the output.
template <class Reduce>
static void fold_terms(const float_block &base, float lambda, int n, float_block &out, const Reduce &reduce) {
    const F l = splat<F>(lambda);
    for (int i = 0; i < n; i += kLanes) store_f32(out.v + i, merged(load_f32(base.v + i), l, reduce(i)));
}

INGOT_FN F sum_of_terms(const float_block *y, int k, int i) {
    F sum = load_f32(y[0].v + i);
    for (int term = 1; term < k; term++) sum = add(sum, load_f32(y[term].v + i));
    return sum;
}

INGOT_FN sign_election<F> elect(const float_block *y, const ingot_delta_term *terms, int k, int i) {
    sign_election<F> election = sign_election<F>::first(load_f32(y[0].v + i), splat<F>(terms[0].weight));
    for (int term = 1; term < k; term++) election.add_term(load_f32(y[term].v + i), splat<F>(terms[term].weight));
    return election;
}

static void delta_merge(const ingot_delta_merge_args &args) {
    const int k = args.term_count;
    const F divisor = splat<F>(args.divisor);
    float_block base, out, y[INGOT_MAX_TERMS];
    for (int64_t start = 0; start < args.count; start += kBlock) {
        const int n = block_length(args.count, start);
        widen_block(args.base, start, n, base);
        for (int term = 0; term < k; term++) {
            merge_term(args.terms[term], base, start, args.start + start, n, y[term]);
        }
        if (args.consensus && args.normalize) {
            fold_terms(base, args.lambda, n, out, [&](int i) { return elect(y, args.terms, k, i).mean(); });
        } else if (args.consensus) {
            fold_terms(base, args.lambda, n, out, [&](int i) { return elect(y, args.terms, k, i).sum(); });
        } else if (args.divisor != 1.0f) {
            fold_terms(base, args.lambda, n, out, [&](int i) { return div(sum_of_terms(y, k, i), divisor); });
        } else {
            fold_terms(base, args.lambda, n, out, [&](int i) { return sum_of_terms(y, k, i); });
        }
        narrow_block(out, args.output, start, n);
    }
}

}  // namespace INGOT_NAMESPACE

#endif

// SPDX-License-Identifier: Apache-2.0
#ifndef INGOT_KERNELS_WEIGHTED_SUM_H
#define INGOT_KERNELS_WEIGHTED_SUM_H

#include "block.h"
#include "ingot/math/weighted_sum.h"

namespace INGOT_NAMESPACE {

struct first_product {
    float *sum;
    float weight;

    template <class T>
    void run(const char *p, int n) const {
        const F w = splat<F>(weight);
        for_each_vector<T>(p, n, [=](int i, F x) { store_f32(sum + i, mul(w, x)); });
    }
};

struct next_product {
    float *sum;
    float weight;

    template <class T>
    void run(const char *p, int n) const {
        const F w = splat<F>(weight);
        for_each_vector<T>(p, n, [=](int i, F x) { store_f32(sum + i, add_product(load_f32(sum + i), w, x)); });
    }
};

static void weighted_sum(const ingot_weighted_sum_args &args) {
    float_block sum;
    for (int64_t start = 0; start < args.count; start += kBlock) {
        const int n = block_length(args.count, start);
        with_block(args.inputs[0], start, n, first_product{sum.v, args.weights[0]});
        for (int32_t k = 1; k < args.input_count; k++) {
            with_block(args.inputs[k], start, n, next_product{sum.v, args.weights[k]});
        }
        narrow_block(sum, args.output, start, n);
    }
}

}  // namespace INGOT_NAMESPACE

#endif

// SPDX-License-Identifier: Apache-2.0
#include "unit.cuh"

#include "ingot/math/weighted_sum.h"

namespace INGOT_NAMESPACE {

// sum += weights[j] * inputs[j] for the next inputs; their loads are in flight together.
template <class U, int count>
INGOT_DEVICE void add_products(const ingot_operand *inputs, const float *weights, int64_t index,
                               float (&sum)[U::elements]) {
    typename U::raw x[count];
    float weight[count];
#pragma unroll
    for (int j = 0; j < count; j++) {
        x[j] = U::load(inputs[j], index);
        weight[j] = weights[j];
    }
#pragma unroll
    for (int j = 0; j < count; j++) {
        float wide[U::elements] = {};
        U::widen(x[j], wide);
#pragma unroll
        for (int e = 0; e < U::elements; e++) sum[e] = add_product(sum[e], weight[j], wide[e]);
    }
}

template <class U>
INGOT_DEVICE void weighted_sum(const ingot_weighted_sum_args &args) {
    for_each_unit<U, INGOT_GPU_WEIGHTED_SUM_THREADS>(args.count, [&](int64_t index) {
        float sum[U::elements];
        // -0 is what changes no number when added to it, so that the first product stands alone.
#pragma unroll
        for (int e = 0; e < U::elements; e++) sum[e] = -0.0f;
        const ingot_operand *inputs = args.inputs;
        const float *weights = args.weights;
        int32_t left = args.input_count;
#pragma unroll 1
        for (; left > U::batch; left -= U::batch) {
            add_products<U, U::batch>(inputs, weights, index, sum);
            inputs += U::batch;
            weights += U::batch;
        }
        with_count<U::batch>(left, [&](auto count) { add_products<U, count.value>(inputs, weights, index, sum); });
        U::store(sum, args.output, index);
    });
}

}  // namespace INGOT_NAMESPACE

INGOT_KERNEL_RESIDENT(ingot_gpu_weighted_sum, ingot_weighted_sum_args, INGOT_GPU_WEIGHTED_SUM_THREADS, 3) {
    INGOT_NAMESPACE::weighted_sum<INGOT_NAMESPACE::any_unit>(args);
}

INGOT_KERNEL_RESIDENT(ingot_gpu_weighted_sum_bf16, ingot_weighted_sum_args, INGOT_GPU_WEIGHTED_SUM_THREADS, 3) {
    INGOT_NAMESPACE::weighted_sum<INGOT_NAMESPACE::unit_of<INGOT_NAMESPACE::bf16_storage>>(args);
}

INGOT_KERNEL_RESIDENT(ingot_gpu_weighted_sum_f16, ingot_weighted_sum_args, INGOT_GPU_WEIGHTED_SUM_THREADS, 3) {
    INGOT_NAMESPACE::weighted_sum<INGOT_NAMESPACE::unit_of<INGOT_NAMESPACE::f16_storage>>(args);
}

INGOT_KERNEL_RESIDENT(ingot_gpu_weighted_sum_f32, ingot_weighted_sum_args, INGOT_GPU_WEIGHTED_SUM_THREADS, 3) {
    INGOT_NAMESPACE::weighted_sum<INGOT_NAMESPACE::unit_of<INGOT_NAMESPACE::f32_storage>>(args);
}

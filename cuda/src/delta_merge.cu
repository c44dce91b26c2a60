// SPDX-License-Identifier: Apache-2.0
#include "election.cuh"

namespace INGOT_NAMESPACE {

template <class U>
INGOT_DEVICE void delta_merge(const ingot_delta_merge_args &args) {
    constexpr int n = U::elements;
    const int64_t skipped = args.start % INGOT_GPU_VECTOR;
    for_each_unit<U, INGOT_GPU_DELTA_MERGE_THREADS>(skipped + args.count, [&](int64_t offset) {
        delta_unit<U> unit;
        unit.offset = offset;
        unit.index = args.start - skipped + offset;
        U::widen(U::load(args.base, offset), unit.base);
        float m[n];
        if (!args.consensus) {
            unit.sum(args.terms, args.term_count, m);
            if (args.divisor != 1.0f) {
#pragma unroll
                for (int e = 0; e < n; e++) m[e] = div(m[e], args.divisor);
            }
        } else if (args.term_count <= kTableTerms) {
            elect_once(unit, args, m);
        } else {
            elect_twice(unit, args, m);
        }
#pragma unroll
        for (int e = 0; e < n; e++) m[e] = merged(unit.base[e], args.lambda, m[e]);
        U::store(m, args.output, offset);
    });
}

}  // namespace INGOT_NAMESPACE

INGOT_KERNEL_RESIDENT(ingot_gpu_delta_merge, ingot_delta_merge_args, INGOT_GPU_DELTA_MERGE_THREADS, 3) {
    INGOT_NAMESPACE::delta_merge<INGOT_NAMESPACE::any_unit>(args);
}

INGOT_KERNEL_RESIDENT(ingot_gpu_delta_merge_bf16, ingot_delta_merge_args, INGOT_GPU_DELTA_MERGE_THREADS, 3) {
    INGOT_NAMESPACE::delta_merge<INGOT_NAMESPACE::unit_of<INGOT_NAMESPACE::bf16_storage>>(args);
}

INGOT_KERNEL_RESIDENT(ingot_gpu_delta_merge_f16, ingot_delta_merge_args, INGOT_GPU_DELTA_MERGE_THREADS, 3) {
    INGOT_NAMESPACE::delta_merge<INGOT_NAMESPACE::unit_of<INGOT_NAMESPACE::f16_storage>>(args);
}

INGOT_KERNEL_RESIDENT(ingot_gpu_delta_merge_f32, ingot_delta_merge_args, INGOT_GPU_DELTA_MERGE_THREADS, 4) {
    INGOT_NAMESPACE::delta_merge<INGOT_NAMESPACE::unit_of<INGOT_NAMESPACE::f32_storage>>(args);
}

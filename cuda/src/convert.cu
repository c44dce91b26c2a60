// SPDX-License-Identifier: Apache-2.0
#include "unit.cuh"

namespace INGOT_NAMESPACE {

// Equal types are copied as they are, NaN payloads included.
INGOT_DEVICE void convert_unit(const ingot_convert_args &args, int64_t index) {
    constexpr int n = any_unit::elements;
    if (args.input.dtype == args.output.dtype) {
        with_storage(args.input.dtype, [&](auto storage) {
            store(load<decltype(storage), n, reuse::never>(args.input.data, index), args.output.data, index);
        });
    } else {
        float x[n] = {};
        with_storage(args.input.dtype, [&](auto storage) {
            widen(load<decltype(storage), n, reuse::never>(args.input.data, index), x);
        });
        any_unit::store(x, args.output, index);
    }
}

}  // namespace INGOT_NAMESPACE

INGOT_KERNEL(ingot_gpu_convert, ingot_convert_args, INGOT_GPU_CONVERT_THREADS) {
    using namespace INGOT_NAMESPACE;
    for_each_unit<any_unit, INGOT_GPU_CONVERT_THREADS>(args.count, [&](int64_t index) { convert_unit(args, index); });
}

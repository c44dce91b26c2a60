// SPDX-License-Identifier: Apache-2.0
#include "unit.cuh"

namespace INGOT_NAMESPACE {

// A thread's two units of four elements, both loaded before the first is used.
INGOT_DEVICE void convert(const ingot_convert_args &args) {
    constexpr int n = any_unit::elements;
    constexpr int threads = INGOT_GPU_CONVERT_THREADS;
    const int64_t first = (int64_t)blockIdx.x * (threads * INGOT_GPU_VECTOR) + threadIdx.x * n;
    if (first >= args.count) return;
    // A unit that is not there becomes the other one again: no branch stands between the loads.
    const int64_t second = first + threads * n < args.count ? first + threads * n : first;
    const ingot_operand &in = args.input, &out = args.output;
    if (in.dtype == out.dtype) {
        // Copied as they are, NaN payloads included.
        with_storage(in.dtype, [&](auto storage) {
            using T = decltype(storage);
            const packed<T, n> x = load<T, n, reuse::never>(in.data, first);
            const packed<T, n> y = load<T, n, reuse::never>(in.data, second);
            store(x, out.data, first);
            store(y, out.data, second);
        });
    } else {
        float x[n] = {}, y[n] = {};
        with_storage(in.dtype, [&](auto storage) {
            using T = decltype(storage);
            const packed<T, n> narrow_x = load<T, n, reuse::never>(in.data, first);
            const packed<T, n> narrow_y = load<T, n, reuse::never>(in.data, second);
            widen(narrow_x, x);
            widen(narrow_y, y);
        });
        any_unit::store(x, out, first);
        any_unit::store(y, out, second);
    }
}

}  // namespace INGOT_NAMESPACE

INGOT_KERNEL(ingot_gpu_convert, ingot_convert_args, INGOT_GPU_CONVERT_THREADS) { INGOT_NAMESPACE::convert(args); }

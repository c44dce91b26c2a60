// SPDX-License-Identifier: Apache-2.0
//
// Kernels walk their operands in blocks that stay in the first-level cache: each operand of a block is widened to
// float32 into scratch memory on the stack by a loop of its own type. So no loop is compiled for a combination of types
// or for a number of models, and memory sees long runs per operand.
#ifndef INGOT_KERNELS_BLOCK_H
#define INGOT_KERNELS_BLOCK_H

#include "storage.h"

namespace INGOT_NAMESPACE {

// Divides INGOT_CHUNK, is a multiple of 16 and of every kLanes.
constexpr int kBlock = 512;

// One float32 per element of a block; zeros fill the last vector. What follows is left as it was, and never reaches an
// output.
struct alignas(64) float_block {
    float v[kBlock];
};

struct alignas(64) int_block {
    int32_t v[kBlock];
};

INGOT_FN int block_length(int64_t count, int64_t start) {
    return count - start < kBlock ? (int)(count - start) : kBlock;
}

INGOT_FN const char *at(const ingot_operand &operand, int64_t index) {
    return (const char *)operand.data + index * bytes_of(operand.dtype);
}

INGOT_FN char *at_output(const ingot_operand &operand, int64_t index) {
    return (char *)operand.data + index * bytes_of(operand.dtype);
}

// Asks for the lines of the same operand three blocks ahead, into the second-level cache: while other operands have
// their turn, the hardware's own prefetching of this one pauses. Measured with 8 models on Zen 5: twice the rate; with
// 2 or 3 no loss. A prefetch never faults, so that the end of the operand does not matter.
template <class T, int vectors>
INGOT_FN void prefetch_ahead(const char *p) {
    for (int line = 0; line < vectors * kLanes * T::bytes; line += 64) {
        __builtin_prefetch(p + 3 * kBlock * T::bytes + line, 0, 2);
    }
}

// Calls step(i, x) for the vector x of elements i, i + 1, ...; lanes past n are zero.
template <class T, class Step>
INGOT_FN void for_each_vector(const char *p, int n, Step &&step) {
    int i = 0;
    for (; i + 4 * kLanes <= n; i += 4 * kLanes) {
        prefetch_ahead<T, 4>(p + (int64_t)i * T::bytes);
        for (int v = i; v < i + 4 * kLanes; v += kLanes) step(v, T::load(p + (int64_t)v * T::bytes));
    }
    for (; i + kLanes <= n; i += kLanes) step(i, T::load(p + (int64_t)i * T::bytes));
    if (i < n) step(i, load_first<T>(p + (int64_t)i * T::bytes, n - i));
}

template <class T>
void widen_elements(const char *p, int n, float *out) {
    for_each_vector<T>(p, n, [=](int i, F x) { store_f32(out + i, x); });
}

INGOT_FN void widen_block(const ingot_operand &operand, int64_t start, int n, float_block &out) {
    const char *p = at(operand, start);
    switch (operand.dtype) {
        case INGOT_F32: return widen_elements<f32_storage>(p, n, out.v);
        case INGOT_BF16: return widen_elements<bf16_storage>(p, n, out.v);
        case INGOT_F16: return widen_elements<f16_storage>(p, n, out.v);
        case INGOT_F64: return widen_elements<f64_storage>(p, n, out.v);
        case INGOT_F8_E4M3: return widen_elements<e4m3_storage>(p, n, out.v);
        default: return widen_elements<e5m2_storage>(p, n, out.v);
    }
}

template <class T>
void narrow_elements(const float *in, int n, char *p) {
    int i = 0;
    for (; i + kLanes <= n; i += kLanes) T::store(p + (int64_t)i * T::bytes, load_f32(in + i));
    if (i < n) store_first<T>(p + (int64_t)i * T::bytes, n - i, load_f32(in + i));
}

INGOT_FN void narrow_block(const float_block &in, const ingot_operand &operand, int64_t start, int n) {
    char *p = at_output(operand, start);
    switch (operand.dtype) {
        case INGOT_F32: return narrow_elements<f32_storage>(in.v, n, p);
        case INGOT_BF16: return narrow_elements<bf16_storage>(in.v, n, p);
        case INGOT_F16: return narrow_elements<f16_storage>(in.v, n, p);
        case INGOT_F64: return narrow_elements<f64_storage>(in.v, n, p);
        case INGOT_F8_E4M3: return narrow_elements<e4m3_storage>(in.v, n, p);
        default: return narrow_elements<e5m2_storage>(in.v, n, p);
    }
}

// Runs body.run<T>(p) on elements of a common type where they lie, on others after widening them.
template <class Body>
INGOT_FN void with_block(const ingot_operand &operand, int64_t start, int n, const Body &body) {
    const char *p = at(operand, start);
    switch (operand.dtype) {
        case INGOT_F32: return body.template run<f32_storage>(p, n);
        case INGOT_BF16: return body.template run<bf16_storage>(p, n);
        case INGOT_F16: return body.template run<f16_storage>(p, n);
        default:
            float_block wide;
            widen_block(operand, start, n, wide);
            return body.template run<f32_storage>((const char *)wide.v, n);
    }
}

}  // namespace INGOT_NAMESPACE

#endif

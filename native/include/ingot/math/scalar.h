// SPDX-License-Identifier: Apache-2.0
//
// The vocabulary of the formulas for one lane: float, int32_t, uint64_t (Philox) and bool as mask. float operations
// round to nearest even and are never contracted: on a GPU they are the *_rn intrinsics, in C++ -ffp-contract=off sees
// to it.
#ifndef INGOT_MATH_SCALAR_H
#define INGOT_MATH_SCALAR_H

#include <stdint.h>
#include <string.h>

#include "config.h"

namespace INGOT_NAMESPACE {

// The integer and mask types that go with a float type.
template <class F>
struct lanes_of;

template <>
struct lanes_of<float> {
    using integer = int32_t;
    using mask = bool;
};

// The float type that goes with an integer type.
template <class I>
struct floats_of;

template <>
struct floats_of<int32_t> {
    using type = float;
};

// All lanes equal to a constant.
template <class T>
struct splat_to;

template <>
struct splat_to<float> {
    static INGOT_FN float from(float x) { return x; }
};

template <>
struct splat_to<int32_t> {
    static INGOT_FN int32_t from(int32_t x) { return x; }
};

template <>
struct splat_to<uint64_t> {
    static INGOT_FN uint64_t from(uint64_t x) { return x; }
};

template <class T, class S>
INGOT_FN T splat(S x) {
    return splat_to<T>::from(x);
}

#ifdef __CUDA_ARCH__
INGOT_FN float add(float a, float b) { return __fadd_rn(a, b); }
INGOT_FN float sub(float a, float b) { return __fsub_rn(a, b); }
INGOT_FN float mul(float a, float b) { return __fmul_rn(a, b); }
INGOT_FN float div(float a, float b) { return __fdiv_rn(a, b); }
INGOT_FN float square_root(float x) { return __fsqrt_rn(x); }
INGOT_FN int32_t bits(float x) { return __float_as_int(x); }
INGOT_FN float from_bits(int32_t x) { return __int_as_float(x); }
#else
INGOT_FN float add(float a, float b) { return a + b; }
INGOT_FN float sub(float a, float b) { return a - b; }
INGOT_FN float mul(float a, float b) { return a * b; }
INGOT_FN float div(float a, float b) { return a / b; }
INGOT_FN float square_root(float x) { return __builtin_sqrtf(x); }

INGOT_FN int32_t bits(float x) {
    int32_t result;
    memcpy(&result, &x, sizeof result);
    return result;
}

INGOT_FN float from_bits(int32_t x) {
    float result;
    memcpy(&result, &x, sizeof result);
    return result;
}
#endif

INGOT_FN bool greater(float a, float b) { return a > b; }
INGOT_FN bool less(float a, float b) { return a < b; }
INGOT_FN bool greater_equal(float a, float b) { return a >= b; }
INGOT_FN bool equal(float a, float b) { return a == b; }
INGOT_FN bool is_nan(float x) { return x != x; }
// x where the mask is set, +0 elsewhere.
INGOT_FN float keep(bool mask, float x) { return mask ? x : 0.0f; }
// x where positive, +0 elsewhere (NaN and -0 included).
INGOT_FN float positive_part(float x) { return x > 0.0f ? x : 0.0f; }
INGOT_FN float select(bool mask, float yes, float no) { return mask ? yes : no; }

INGOT_FN int32_t add(int32_t a, int32_t b) { return (int32_t)((uint32_t)a + (uint32_t)b); }
INGOT_FN int32_t sub(int32_t a, int32_t b) { return (int32_t)((uint32_t)a - (uint32_t)b); }
INGOT_FN int32_t bit_and(int32_t a, int32_t b) { return a & b; }
INGOT_FN int32_t bit_or(int32_t a, int32_t b) { return a | b; }
INGOT_FN int32_t bit_xor(int32_t a, int32_t b) { return a ^ b; }
INGOT_FN int32_t minimum(int32_t a, int32_t b) { return a < b ? a : b; }
INGOT_FN int32_t maximum(int32_t a, int32_t b) { return a > b ? a : b; }
INGOT_FN bool greater(int32_t a, int32_t b) { return a > b; }
INGOT_FN bool equal(int32_t a, int32_t b) { return a == b; }
INGOT_FN bool less_unsigned(int32_t a, int32_t b) { return (uint32_t)a < (uint32_t)b; }
INGOT_FN int32_t select(bool mask, int32_t yes, int32_t no) { return mask ? yes : no; }

template <int n>
INGOT_FN int32_t shift_left(int32_t x) {
    return (int32_t)((uint32_t)x << n);
}

// Logical: zeros come in.
template <int n>
INGOT_FN int32_t shift_right(int32_t x) {
    return (int32_t)((uint32_t)x >> n);
}

INGOT_FN bool both(bool a, bool b) { return a && b; }
INGOT_FN bool either(bool a, bool b) { return a || b; }
INGOT_FN bool without(bool a, bool b) { return a && !b; }

// 64-bit product of the low halves; the high halves of the factors are ignored.
#ifdef __CUDA_ARCH__
// As one instruction: nvcc 13 makes a 64-bit product of the expression below, with an addition of zero.
INGOT_FN uint64_t mul_low_halves(uint64_t a, uint64_t b) {
    uint64_t product;
    asm("mul.wide.u32 %0, %1, %2;" : "=l"(product) : "r"((uint32_t)a), "r"((uint32_t)b));
    return product;
}
#else
INGOT_FN uint64_t mul_low_halves(uint64_t a, uint64_t b) { return (uint64_t)(uint32_t)a * (uint32_t)b; }
#endif
INGOT_FN uint64_t high_half(uint64_t x) { return x >> 32; }
INGOT_FN uint64_t xor3(uint64_t a, uint64_t b, uint64_t c) { return a ^ b ^ c; }

}  // namespace INGOT_NAMESPACE

#endif

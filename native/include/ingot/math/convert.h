// SPDX-License-Identifier: Apache-2.0
//
// Storage types to float32 and back, bit by bit. Narrowing rounds to nearest even; f16 and e5m2 overflow to infinity,
// e4m3 saturates at 448 as it has no infinity. Sources: IEEE 754-2019; "FP8 Formats for Deep Learning" (arXiv
// 2209.05433).
#ifndef INGOT_MATH_CONVERT_H
#define INGOT_MATH_CONVERT_H

#include "scalar.h"

namespace INGOT_NAMESPACE {

// The layout of a float type of at most 16 bits.
template <int exponent_bits, int mantissa_bits, bool has_infinity, int32_t nan_code>
struct small_float {
    static constexpr int mantissa = mantissa_bits;
    static constexpr int drop = 23 - mantissa_bits;
    static constexpr int bias = (1 << (exponent_bits - 1)) - 1;
    static constexpr int width = 1 + exponent_bits + mantissa_bits;
    static constexpr int32_t magnitude_mask = (1 << (width - 1)) - 1;
    static constexpr bool infinity = has_infinity;
    static constexpr int32_t exponent_ones = ((1 << exponent_bits) - 1) << mantissa_bits;
    static constexpr int32_t nan = nan_code;
    // Finite values never get above this code: infinity, or the largest finite value where there is none.
    static constexpr int32_t ceiling = has_infinity ? exponent_ones : nan_code - 1;
};

using f16_layout = small_float<5, 10, true, 0x7e00>;
using e5m2_layout = small_float<5, 2, true, 0x7e>;
using e4m3_layout = small_float<4, 3, false, 0x7f>;

// float32 value of the codes in x. A NaN stays a NaN, its payload is unspecified.
template <class L, class I>
INGOT_FN typename floats_of<I>::type widen_small(I x) {
    using F = typename floats_of<I>::type;
    const I magnitude = bit_and(x, splat<I>(L::magnitude_mask));
    const I sign = shift_left<32 - L::width>(sub(x, magnitude));
    // The exponent is moved to float32's bias by a multiplication with a power of two, which also normalises
    // subnormals.
    const F scale = splat<F>(from_bits((254 - L::bias) << 23));
    const I value = bits(mul(from_bits(shift_left<L::drop>(magnitude)), scale));
    const I first_special = splat<I>(L::infinity ? L::exponent_ones - 1 : L::nan - 1);
    const I special = L::infinity ? bit_or(value, splat<I>(0x7f800000)) : splat<I>(0x7fc00000);
    return from_bits(bit_or(select(greater(magnitude, first_special), special, value), sign));
}

// Codes of x rounded to nearest even; every NaN becomes the canonical one.
template <class L, class F>
INGOT_FN typename lanes_of<F>::integer narrow_small(F x) {
    using I = typename lanes_of<F>::integer;
    const I all = bits(x);
    const I magnitude = bit_and(all, splat<I>(0x7fffffff));
    const I sign = shift_left<L::width - 1>(shift_right<31>(all));
    // Normal results: add half an ulp (less one where the kept part is even), then move the exponent.
    const I odd = bit_and(shift_right<L::drop>(magnitude), splat<I>(1));
    const I rounded = add(add(magnitude, splat<I>((1 << (L::drop - 1)) - 1)), odd);
    const I normal = sub(shift_right<L::drop>(rounded), splat<I>((127 - L::bias) << L::mantissa));
    // Subnormal results: the addition of a number whose ulp is the target's smallest step rounds in hardware.
    constexpr int32_t step = (127 + 1 - L::bias + 23 - L::mantissa) << 23;
    const I subnormal = sub(bits(add(from_bits(magnitude), splat<F>(from_bits(step)))), splat<I>(step));
    const I is_small_limit = splat<I>((128 - L::bias) << 23);
    const I finite = minimum(select(greater(is_small_limit, magnitude), subnormal, normal), splat<I>(L::ceiling));
    return select(greater(magnitude, splat<I>(0x7f800000)), splat<I>(L::nan), bit_or(finite, sign));
}

template <class I>
INGOT_FN typename floats_of<I>::type widen_bf16(I x) {
    return from_bits(shift_left<16>(x));
}

template <class F>
INGOT_FN typename lanes_of<F>::integer narrow_bf16(F x) {
    using I = typename lanes_of<F>::integer;
    const I all = bits(x);
    const I odd = bit_and(shift_right<16>(all), splat<I>(1));
    const I rounded = shift_right<16>(add(add(all, splat<I>(0x7fff)), odd));
    return select(is_nan(x), splat<I>(0x7fc0), rounded);
}

// x with every NaN replaced by the canonical one: what is stored as float32, and widened to float64.
template <class F>
INGOT_FN F canonical(F x) {
    using I = typename lanes_of<F>::integer;
    return select(is_nan(x), from_bits(splat<I>(0x7fc00000)), x);
}

}  // namespace INGOT_NAMESPACE

#endif

// SPDX-License-Identifier: Apache-2.0
//
// exp and log in float32 operations only, so that every backend gives the same bits. Errors are below 2 ulp. Reduction of
// the argument as in Cody and Waite, "Software Manual for the Elementary Functions" (1980); the coefficients are those of
// Moshier, "Methods and Programs for Mathematical Functions" (1989).
#ifndef INGOT_MATH_EXP_H
#define INGOT_MATH_EXP_H

#include "scalar.h"

namespace INGOT_NAMESPACE {

// Adding it rounds a number of at most 22 bits to an integer, which is then in the low bits.
constexpr float kRound = 12582912.0f;
constexpr int32_t kRoundBits = 0x4b400000;

template <class I>
INGOT_FN typename floats_of<I>::type small_integer(I x) {
    using F = typename floats_of<I>::type;
    return sub(from_bits(add(x, splat<I>(kRoundBits))), splat<F>(kRound));
}

template <class F>
INGOT_FN F limited(F x, float low, float high) {
    const F l = splat<F>(low), h = splat<F>(high);
    return select(less(x, l), l, select(greater(x, h), h, x));
}

// 2^n for -126 <= n <= 127.
template <class I>
INGOT_FN typename floats_of<I>::type power_of_two(I n) {
    return from_bits(shift_left<23>(add(n, splat<I>(127))));
}

template <class F>
INGOT_FN F exponential(F x) {
    using I = typename lanes_of<F>::integer;
    // Beyond these the result is 0 or infinity anyway.
    const F y = limited(x, -105.0f, 90.0f);
    const F shifted = add(mul(y, splat<F>(1.44269504f)), splat<F>(kRound));
    const I n = sub(bits(shifted), splat<I>(kRoundBits));
    const F steps = sub(shifted, splat<F>(kRound));
    // ln 2 in two parts, the first of which has few bits: its products are exact.
    const F r = sub(sub(y, mul(steps, splat<F>(0.693359375f))), mul(steps, splat<F>(-2.12194440e-4f)));
    F p = splat<F>(1.9875691500e-4f);
    p = add(mul(p, r), splat<F>(1.3981999507e-3f));
    p = add(mul(p, r), splat<F>(8.3334519073e-3f));
    p = add(mul(p, r), splat<F>(4.1665795894e-2f));
    p = add(mul(p, r), splat<F>(1.6666665459e-1f));
    p = add(mul(p, r), splat<F>(5.0000001201e-1f));
    p = add(add(mul(p, mul(r, r)), r), splat<F>(1.0f));
    // In two factors, since 2^n itself may be no normal number. A NaN is in p already.
    const I half = sub(shift_right<1>(add(n, splat<I>(256))), splat<I>(128));
    return mul(mul(p, power_of_two(half)), power_of_two(sub(n, half)));
}

template <class F>
INGOT_FN F logarithm(F x) {
    using I = typename lanes_of<F>::integer;
    const auto tiny = less(x, splat<F>(1.17549435e-38f));
    const I pattern = bits(select(tiny, mul(x, splat<F>(8388608.0f)), x));
    // x = m 2^e with 0.5 <= m < 1; then m is moved to [sqrt(0.5), sqrt(2)).
    const I raw = sub(shift_right<23>(pattern), splat<I>(126));
    const F m = from_bits(bit_or(bit_and(pattern, splat<I>(0x7fffff)), splat<I>(0x3f000000)));
    const auto low = less(m, splat<F>(0.707106781f));
    const I e = sub(sub(raw, select(tiny, splat<I>(23), splat<I>(0))), select(low, splat<I>(1), splat<I>(0)));
    const F f = sub(select(low, add(m, m), m), splat<F>(1.0f));
    const F z = mul(f, f);
    F p = splat<F>(7.0376836292e-2f);
    p = add(mul(p, f), splat<F>(-1.1514610310e-1f));
    p = add(mul(p, f), splat<F>(1.1676998740e-1f));
    p = add(mul(p, f), splat<F>(-1.2420140846e-1f));
    p = add(mul(p, f), splat<F>(1.4249322787e-1f));
    p = add(mul(p, f), splat<F>(-1.6668057665e-1f));
    p = add(mul(p, f), splat<F>(2.0000714765e-1f));
    p = add(mul(p, f), splat<F>(-2.4999993993e-1f));
    p = add(mul(p, f), splat<F>(3.3333331174e-1f));
    const F steps = small_integer(e);
    F y = mul(mul(p, f), z);
    y = add(y, mul(steps, splat<F>(-2.12194440e-4f)));
    y = sub(y, mul(z, splat<F>(0.5f)));
    y = add(add(f, y), mul(steps, splat<F>(0.693359375f)));
    const F infinity = from_bits(splat<I>(0x7f800000));
    const F nan = from_bits(splat<I>(0x7fc00000));
    y = select(equal(x, splat<F>(0.0f)), from_bits(splat<I>(INT32_MIN | 0x7f800000)), y);
    y = select(less(x, splat<F>(0.0f)), nan, y);
    return select(equal(x, infinity), infinity, select(is_nan(x), nan, y));
}

}  // namespace INGOT_NAMESPACE

#endif

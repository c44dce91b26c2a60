// SPDX-License-Identifier: Apache-2.0
//
// Four lanes: NEON of AArch64.
#ifndef INGOT_SIMD_NEON_H
#define INGOT_SIMD_NEON_H

#include <arm_neon.h>

#include "ingot/math/convert.h"
#include "ingot/math/scalar.h"

namespace INGOT_NAMESPACE {

struct F {
    float32x4_t v;
};

struct I {
    int32x4_t v;
};

// All bits of a lane set or clear.
struct M {
    uint32x4_t v;
};

// float64, in the order of the F it was widened from.
struct D {
    float64x2_t low, high;
};

// 64-bit lanes, for Philox.
struct U {
    uint64x2_t v;
};

constexpr int kLanes = 4;

template <>
struct lanes_of<F> {
    using integer = I;
    using mask = M;
};

template <>
struct floats_of<I> {
    using type = F;
};

template <>
struct splat_to<F> {
    static INGOT_FN F from(float x) { return {vdupq_n_f32(x)}; }
};

template <>
struct splat_to<I> {
    static INGOT_FN I from(int32_t x) { return {vdupq_n_s32(x)}; }
};

template <>
struct splat_to<U> {
    static INGOT_FN U from(uint64_t x) { return {vdupq_n_u64(x)}; }
};

INGOT_FN F add(F a, F b) { return {vaddq_f32(a.v, b.v)}; }
INGOT_FN F sub(F a, F b) { return {vsubq_f32(a.v, b.v)}; }
INGOT_FN F mul(F a, F b) { return {vmulq_f32(a.v, b.v)}; }
INGOT_FN F div(F a, F b) { return {vdivq_f32(a.v, b.v)}; }
INGOT_FN F square_root(F x) { return {vsqrtq_f32(x.v)}; }
INGOT_FN I bits(F x) { return {vreinterpretq_s32_f32(x.v)}; }
INGOT_FN F from_bits(I x) { return {vreinterpretq_f32_s32(x.v)}; }
INGOT_FN M greater(F a, F b) { return {vcgtq_f32(a.v, b.v)}; }
INGOT_FN M less(F a, F b) { return {vcltq_f32(a.v, b.v)}; }
INGOT_FN M greater_equal(F a, F b) { return {vcgeq_f32(a.v, b.v)}; }
INGOT_FN M equal(F a, F b) { return {vceqq_f32(a.v, b.v)}; }
INGOT_FN M is_nan(F x) { return {vmvnq_u32(vceqq_f32(x.v, x.v))}; }
INGOT_FN F select(M mask, F yes, F no) { return {vbslq_f32(mask.v, yes.v, no.v)}; }
INGOT_FN F keep(M mask, F x) { return {vreinterpretq_f32_u32(vandq_u32(mask.v, vreinterpretq_u32_f32(x.v)))}; }
// Not fmax: it would propagate NaN.
INGOT_FN F positive_part(F x) { return keep({vcgtzq_f32(x.v)}, x); }

INGOT_FN I add(I a, I b) { return {vaddq_s32(a.v, b.v)}; }
INGOT_FN I sub(I a, I b) { return {vsubq_s32(a.v, b.v)}; }
INGOT_FN I bit_and(I a, I b) { return {vandq_s32(a.v, b.v)}; }
INGOT_FN I bit_or(I a, I b) { return {vorrq_s32(a.v, b.v)}; }
INGOT_FN I bit_xor(I a, I b) { return {veorq_s32(a.v, b.v)}; }
INGOT_FN I minimum(I a, I b) { return {vminq_s32(a.v, b.v)}; }
INGOT_FN I maximum(I a, I b) { return {vmaxq_s32(a.v, b.v)}; }
INGOT_FN M greater(I a, I b) { return {vcgtq_s32(a.v, b.v)}; }
INGOT_FN M equal(I a, I b) { return {vceqq_s32(a.v, b.v)}; }
INGOT_FN M less_unsigned(I a, I b) { return {vcltq_u32(vreinterpretq_u32_s32(a.v), vreinterpretq_u32_s32(b.v))}; }
INGOT_FN I select(M mask, I yes, I no) { return {vbslq_s32(mask.v, yes.v, no.v)}; }

template <int n>
INGOT_FN I shift_left(I x) {
    return {vshlq_n_s32(x.v, n)};
}

template <int n>
INGOT_FN I shift_right(I x) {
    return {vreinterpretq_s32_u32(vshrq_n_u32(vreinterpretq_u32_s32(x.v), n))};
}

INGOT_FN M both(M a, M b) { return {vandq_u32(a.v, b.v)}; }
INGOT_FN M either(M a, M b) { return {vorrq_u32(a.v, b.v)}; }
INGOT_FN M without(M a, M b) { return {vbicq_u32(a.v, b.v)}; }

// Loads and stores go through bytes: those of wider elements assume their alignment.
INGOT_FN uint8x16_t load_16_bytes(const void *p) { return vld1q_u8((const uint8_t *)p); }
INGOT_FN uint8x8_t load_8_bytes(const void *p) { return vld1_u8((const uint8_t *)p); }
INGOT_FN void store_16_bytes(void *p, uint8x16_t x) { vst1q_u8((uint8_t *)p, x); }
INGOT_FN void store_8_bytes(void *p, uint8x8_t x) { vst1_u8((uint8_t *)p, x); }

INGOT_FN F load_f32(const void *p) { return {vreinterpretq_f32_u8(load_16_bytes(p))}; }
INGOT_FN I load_i32(const void *p) { return {vreinterpretq_s32_u8(load_16_bytes(p))}; }
INGOT_FN I load_u16(const void *p) { return {vreinterpretq_s32_u32(vmovl_u16(vreinterpret_u16_u8(load_8_bytes(p))))}; }

INGOT_FN I load_u8(const void *p) {
    uint32_t four;
    memcpy(&four, p, sizeof four);
    const uint16x8_t words = vmovl_u8(vreinterpret_u8_u32(vdup_n_u32(four)));
    return {vreinterpretq_s32_u32(vmovl_u16(vget_low_u16(words)))};
}

INGOT_FN F load_f16(const void *p) { return {vcvt_f32_f16(vreinterpret_f16_u8(load_8_bytes(p)))}; }

INGOT_FN F load_f64(const void *p) {
    const float32x2_t low = vcvt_f32_f64(vreinterpretq_f64_u8(load_16_bytes(p)));
    return {vcvt_high_f32_f64(low, vreinterpretq_f64_u8(load_16_bytes((const char *)p + 16)))};
}

INGOT_FN void store_f32(void *p, F x) { store_16_bytes(p, vreinterpretq_u8_f32(x.v)); }
INGOT_FN void store_i32(void *p, I x) { store_16_bytes(p, vreinterpretq_u8_s32(x.v)); }

INGOT_FN void store_u16(void *p, I x) { store_8_bytes(p, vreinterpret_u8_u16(vmovn_u32(vreinterpretq_u32_s32(x.v)))); }

INGOT_FN void store_u8(void *p, I x) {
    const uint16x4_t words = vmovn_u32(vreinterpretq_u32_s32(x.v));
    const uint32_t four = vget_lane_u32(vreinterpret_u32_u8(vmovn_u16(vcombine_u16(words, words))), 0);
    memcpy(p, &four, sizeof four);
}

INGOT_FN I narrow_f16(F x) {
    const I codes = {vreinterpretq_s32_u32(vmovl_u16(vreinterpret_u16_f16(vcvt_f16_f32(x.v))))};
    return select(is_nan(x), splat<I>(f16_layout::nan), codes);
}

INGOT_FN D widen(F x) { return {vcvt_f64_f32(vget_low_f32(x.v)), vcvt_high_f64_f32(x.v)}; }

INGOT_FN void store_f64(void *p, F x) {
    const D wide = widen(x);
    store_16_bytes(p, vreinterpretq_u8_f64(wide.low));
    store_16_bytes((char *)p + 16, vreinterpretq_u8_f64(wide.high));
}

INGOT_FN I iota() {
    const int32_t lanes[4] = {0, 1, 2, 3};
    return {vld1q_s32(lanes)};
}

INGOT_FN uint32_t mask_bits(M mask) {
    const uint32_t lane_bits[4] = {1, 2, 4, 8};
    return vaddvq_u32(vandq_u32(mask.v, vld1q_u32(lane_bits)));
}

INGOT_FN M mask_from_bits(uint32_t set) {
    const uint32_t lane_bits[4] = {1, 2, 4, 8};
    return {vtstq_u32(vdupq_n_u32(set), vld1q_u32(lane_bits))};
}

INGOT_FN I count_lanes(I counts, M mask) { return {vsubq_s32(counts.v, vreinterpretq_s32_u32(mask.v))}; }
INGOT_FN int64_t sum_lanes(I x) { return vaddlvq_s32(x.v); }
INGOT_FN int32_t smallest_lane(I x) { return vminvq_s32(x.v); }
INGOT_FN int32_t largest_lane(I x) { return vmaxvq_s32(x.v); }

INGOT_FN int compress_store(int32_t *out, I x, M mask) {
    const uint32_t set = mask_bits(mask);
    int n = 0;
    int32_t lanes[4];
    vst1q_s32(lanes, x.v);
    for (int lane = 0; lane < 4; lane++) {
        out[n] = lanes[lane];
        n += (int)((set >> lane) & 1);
    }
    return n;
}

INGOT_FN D zero_f64() { return {vdupq_n_f64(0.0), vdupq_n_f64(0.0)}; }
INGOT_FN D add(D a, D b) { return {vaddq_f64(a.low, b.low), vaddq_f64(a.high, b.high)}; }

INGOT_FN D add_exact_product(D sum, D a, D b) {
    return {vfmaq_f64(sum.low, a.low, b.low), vfmaq_f64(sum.high, a.high, b.high)};
}

INGOT_FN D load_d(const double *p) { return {vld1q_f64(p), vld1q_f64(p + 2)}; }

INGOT_FN void store_d(double *p, D x) {
    vst1q_f64(p, x.low);
    vst1q_f64(p + 2, x.high);
}

INGOT_FN U mul_low_halves(U a, U b) { return {vmull_u32(vmovn_u64(a.v), vmovn_u64(b.v))}; }
INGOT_FN U high_half(U x) { return {vshrq_n_u64(x.v, 32)}; }
INGOT_FN U xor3(U a, U b, U c) { return {veorq_u64(veorq_u64(b.v, c.v), a.v)}; }

constexpr int kCounters = 2;

INGOT_FN U counters_from(uint64_t first) { return {vcombine_u64(vcreate_u64(first), vcreate_u64(first + 1))}; }

INGOT_FN void store_words(int32_t *out, U w0, U w1, U w2, U w3) {
    const uint64x2_t w01 = vsliq_n_u64(w0.v, w1.v, 32);
    const uint64x2_t w23 = vsliq_n_u64(w2.v, w3.v, 32);
    vst1q_s32(out, vreinterpretq_s32_u64(vzip1q_u64(w01, w23)));
    vst1q_s32(out + 4, vreinterpretq_s32_u64(vzip2q_u64(w01, w23)));
}

}  // namespace INGOT_NAMESPACE

#endif

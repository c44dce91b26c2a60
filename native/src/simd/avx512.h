// SPDX-License-Identifier: Apache-2.0
//
// Sixteen lanes: AVX-512 F, BW, VL, DQ and F16C.
#ifndef INGOT_SIMD_AVX512_H
#define INGOT_SIMD_AVX512_H

#include <immintrin.h>

#include "ingot/math/convert.h"
#include "ingot/math/scalar.h"

namespace INGOT_NAMESPACE {

struct F {
    __m512 v;
};

struct I {
    __m512i v;
};

struct M {
    __mmask16 v;
};

// float64, in the order of the F it was widened from.
struct D {
    __m512d low, high;
};

// 64-bit lanes, for Philox.
struct U {
    __m512i v;
};

constexpr int kLanes = 16;

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
    static INGOT_FN F from(float x) { return {_mm512_set1_ps(x)}; }
};

template <>
struct splat_to<I> {
    static INGOT_FN I from(int32_t x) { return {_mm512_set1_epi32(x)}; }
};

template <>
struct splat_to<U> {
    static INGOT_FN U from(uint64_t x) { return {_mm512_set1_epi64((int64_t)x)}; }
};

INGOT_FN F add(F a, F b) { return {_mm512_add_ps(a.v, b.v)}; }
INGOT_FN F sub(F a, F b) { return {_mm512_sub_ps(a.v, b.v)}; }
INGOT_FN F mul(F a, F b) { return {_mm512_mul_ps(a.v, b.v)}; }
INGOT_FN F div(F a, F b) { return {_mm512_div_ps(a.v, b.v)}; }
INGOT_FN F square_root(F x) { return {_mm512_sqrt_ps(x.v)}; }
INGOT_FN I bits(F x) { return {_mm512_castps_si512(x.v)}; }
INGOT_FN F from_bits(I x) { return {_mm512_castsi512_ps(x.v)}; }
INGOT_FN M greater(F a, F b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_GT_OQ)}; }
INGOT_FN M less(F a, F b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_LT_OQ)}; }
INGOT_FN M greater_equal(F a, F b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_GE_OQ)}; }
INGOT_FN M equal(F a, F b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_EQ_OQ)}; }
INGOT_FN M is_nan(F x) { return {_mm512_cmp_ps_mask(x.v, x.v, _CMP_UNORD_Q)}; }
// max returns its second operand for NaN and for equal operands: +0.
INGOT_FN F positive_part(F x) { return {_mm512_max_ps(x.v, _mm512_setzero_ps())}; }
INGOT_FN F keep(M mask, F x) { return {_mm512_maskz_mov_ps(mask.v, x.v)}; }
INGOT_FN F select(M mask, F yes, F no) { return {_mm512_mask_blend_ps(mask.v, no.v, yes.v)}; }

INGOT_FN I add(I a, I b) { return {_mm512_add_epi32(a.v, b.v)}; }
INGOT_FN I sub(I a, I b) { return {_mm512_sub_epi32(a.v, b.v)}; }
INGOT_FN I bit_and(I a, I b) { return {_mm512_and_si512(a.v, b.v)}; }
INGOT_FN I bit_or(I a, I b) { return {_mm512_or_si512(a.v, b.v)}; }
INGOT_FN I bit_xor(I a, I b) { return {_mm512_xor_si512(a.v, b.v)}; }
INGOT_FN I minimum(I a, I b) { return {_mm512_min_epi32(a.v, b.v)}; }
INGOT_FN I maximum(I a, I b) { return {_mm512_max_epi32(a.v, b.v)}; }
INGOT_FN M greater(I a, I b) { return {_mm512_cmpgt_epi32_mask(a.v, b.v)}; }
INGOT_FN M equal(I a, I b) { return {_mm512_cmpeq_epi32_mask(a.v, b.v)}; }
INGOT_FN M less_unsigned(I a, I b) { return {_mm512_cmplt_epu32_mask(a.v, b.v)}; }
INGOT_FN I select(M mask, I yes, I no) { return {_mm512_mask_blend_epi32(mask.v, no.v, yes.v)}; }

template <int n>
INGOT_FN I shift_left(I x) {
    return {_mm512_slli_epi32(x.v, n)};
}

template <int n>
INGOT_FN I shift_right(I x) {
    return {_mm512_srli_epi32(x.v, n)};
}

INGOT_FN M both(M a, M b) { return {(__mmask16)(a.v & b.v)}; }
INGOT_FN M either(M a, M b) { return {(__mmask16)(a.v | b.v)}; }
INGOT_FN M without(M a, M b) { return {(__mmask16)(a.v & ~b.v)}; }

INGOT_FN F load_f32(const void *p) { return {_mm512_loadu_ps(p)}; }
INGOT_FN I load_i32(const void *p) { return {_mm512_loadu_si512(p)}; }
INGOT_FN I load_u16(const void *p) { return {_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)p))}; }
INGOT_FN I load_u8(const void *p) { return {_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)p))}; }
INGOT_FN F load_f16(const void *p) { return {_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)p))}; }

INGOT_FN F load_f64(const void *p) {
    const __m256 low = _mm512_cvtpd_ps(_mm512_loadu_pd(p));
    const __m256 high = _mm512_cvtpd_ps(_mm512_loadu_pd((const char *)p + 64));
    return {_mm512_insertf32x8(_mm512_castps256_ps512(low), high, 1)};
}

INGOT_FN void store_f32(void *p, F x) { _mm512_storeu_ps(p, x.v); }
INGOT_FN void store_i32(void *p, I x) { _mm512_storeu_si512(p, x.v); }
INGOT_FN void store_u16(void *p, I x) { _mm256_storeu_si256((__m256i *)p, _mm512_cvtepi32_epi16(x.v)); }
INGOT_FN void store_u8(void *p, I x) { _mm_storeu_si128((__m128i *)p, _mm512_cvtepi32_epi8(x.v)); }

INGOT_FN I narrow_f16(F x) {
    const __m256i codes = _mm512_cvtps_ph(x.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    return select(is_nan(x), splat<I>(f16_layout::nan), I{_mm512_cvtepu16_epi32(codes)});
}

INGOT_FN D widen(F x) {
    return {_mm512_cvtps_pd(_mm512_castps512_ps256(x.v)), _mm512_cvtps_pd(_mm512_extractf32x8_ps(x.v, 1))};
}

INGOT_FN void store_f64(void *p, F x) {
    const D wide = widen(x);
    _mm512_storeu_pd(p, wide.low);
    _mm512_storeu_pd((char *)p + 64, wide.high);
}

INGOT_FN I iota() { return {_mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)}; }
INGOT_FN uint32_t mask_bits(M mask) { return mask.v; }
INGOT_FN M mask_from_bits(uint32_t set) { return {(__mmask16)set}; }

INGOT_FN I count_lanes(I counts, M mask) {
    return {_mm512_mask_sub_epi32(counts.v, mask.v, counts.v, _mm512_set1_epi32(-1))};
}

INGOT_FN int64_t sum_lanes(I x) { return _mm512_reduce_add_epi32(x.v); }
INGOT_FN int32_t smallest_lane(I x) { return _mm512_reduce_min_epi32(x.v); }
INGOT_FN int32_t largest_lane(I x) { return _mm512_reduce_max_epi32(x.v); }

// Into a register, then stored whole: vpcompressd to memory is microcoded on some processors.
INGOT_FN int compress_store(int32_t *out, I x, M mask) {
    _mm512_storeu_si512(out, _mm512_maskz_compress_epi32(mask.v, x.v));
    return __builtin_popcount(mask.v);
}

INGOT_FN D zero_f64() { return {_mm512_setzero_pd(), _mm512_setzero_pd()}; }
INGOT_FN D add(D a, D b) { return {_mm512_add_pd(a.low, b.low), _mm512_add_pd(a.high, b.high)}; }

INGOT_FN D add_exact_product(D sum, D a, D b) {
    return {_mm512_fmadd_pd(a.low, b.low, sum.low), _mm512_fmadd_pd(a.high, b.high, sum.high)};
}

INGOT_FN D load_d(const double *p) { return {_mm512_loadu_pd(p), _mm512_loadu_pd(p + 8)}; }

INGOT_FN void store_d(double *p, D x) {
    _mm512_storeu_pd(p, x.low);
    _mm512_storeu_pd(p + 8, x.high);
}

INGOT_FN U mul_low_halves(U a, U b) { return {_mm512_mul_epu32(a.v, b.v)}; }
INGOT_FN U high_half(U x) { return {_mm512_srli_epi64(x.v, 32)}; }
INGOT_FN U xor3(U a, U b, U c) { return {_mm512_ternarylogic_epi64(a.v, b.v, c.v, 0x96)}; }

constexpr int kCounters = 8;

// 128-bit lane L holds the counters first + L and first + 4 + L: then the two unpacks below give words in order.
INGOT_FN U counters_from(uint64_t first) {
    return {_mm512_add_epi64(_mm512_set1_epi64((int64_t)first), _mm512_set_epi64(7, 3, 6, 2, 5, 1, 4, 0))};
}

INGOT_FN void store_words(int32_t *out, U w0, U w1, U w2, U w3) {
    const __m512i w01 = _mm512_mask_blend_epi32(0xaaaa, w0.v, _mm512_slli_epi64(w1.v, 32));
    const __m512i w23 = _mm512_mask_blend_epi32(0xaaaa, w2.v, _mm512_slli_epi64(w3.v, 32));
    _mm512_storeu_si512(out, _mm512_unpacklo_epi64(w01, w23));
    _mm512_storeu_si512(out + 16, _mm512_unpackhi_epi64(w01, w23));
}

}  // namespace INGOT_NAMESPACE

#endif

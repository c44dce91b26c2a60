// SPDX-License-Identifier: Apache-2.0
//
// Eight lanes: AVX2, FMA and F16C.
#ifndef INGOT_SIMD_AVX2_H
#define INGOT_SIMD_AVX2_H

#include <immintrin.h>

#include "compress_table.h"
#include "ingot/math/convert.h"
#include "ingot/math/scalar.h"

namespace INGOT_NAMESPACE {

struct F {
    __m256 v;
};

struct I {
    __m256i v;
};

// All bits of a lane set or clear.
struct M {
    __m256i v;
};

// float64, in the order of the F it was widened from.
struct D {
    __m256d low, high;
};

// 64-bit lanes, for Philox.
struct U {
    __m256i v;
};

constexpr int kLanes = 8;

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
    static INGOT_FN F from(float x) { return {_mm256_set1_ps(x)}; }
};

template <>
struct splat_to<I> {
    static INGOT_FN I from(int32_t x) { return {_mm256_set1_epi32(x)}; }
};

template <>
struct splat_to<U> {
    static INGOT_FN U from(uint64_t x) { return {_mm256_set1_epi64x((int64_t)x)}; }
};

INGOT_FN M mask_of(__m256 x) { return {_mm256_castps_si256(x)}; }

INGOT_FN F add(F a, F b) { return {_mm256_add_ps(a.v, b.v)}; }
INGOT_FN F sub(F a, F b) { return {_mm256_sub_ps(a.v, b.v)}; }
INGOT_FN F mul(F a, F b) { return {_mm256_mul_ps(a.v, b.v)}; }
INGOT_FN F div(F a, F b) { return {_mm256_div_ps(a.v, b.v)}; }
INGOT_FN F square_root(F x) { return {_mm256_sqrt_ps(x.v)}; }
INGOT_FN I bits(F x) { return {_mm256_castps_si256(x.v)}; }
INGOT_FN F from_bits(I x) { return {_mm256_castsi256_ps(x.v)}; }
INGOT_FN M greater(F a, F b) { return mask_of(_mm256_cmp_ps(a.v, b.v, _CMP_GT_OQ)); }
INGOT_FN M less(F a, F b) { return mask_of(_mm256_cmp_ps(a.v, b.v, _CMP_LT_OQ)); }
INGOT_FN M greater_equal(F a, F b) { return mask_of(_mm256_cmp_ps(a.v, b.v, _CMP_GE_OQ)); }
INGOT_FN M equal(F a, F b) { return mask_of(_mm256_cmp_ps(a.v, b.v, _CMP_EQ_OQ)); }
INGOT_FN M is_nan(F x) { return mask_of(_mm256_cmp_ps(x.v, x.v, _CMP_UNORD_Q)); }
// max returns its second operand for NaN and for equal operands: +0.
INGOT_FN F positive_part(F x) { return {_mm256_max_ps(x.v, _mm256_setzero_ps())}; }
INGOT_FN F keep(M mask, F x) { return {_mm256_and_ps(_mm256_castsi256_ps(mask.v), x.v)}; }
INGOT_FN F select(M mask, F yes, F no) { return {_mm256_blendv_ps(no.v, yes.v, _mm256_castsi256_ps(mask.v))}; }

INGOT_FN I add(I a, I b) { return {_mm256_add_epi32(a.v, b.v)}; }
INGOT_FN I sub(I a, I b) { return {_mm256_sub_epi32(a.v, b.v)}; }
INGOT_FN I bit_and(I a, I b) { return {_mm256_and_si256(a.v, b.v)}; }
INGOT_FN I bit_or(I a, I b) { return {_mm256_or_si256(a.v, b.v)}; }
INGOT_FN I bit_xor(I a, I b) { return {_mm256_xor_si256(a.v, b.v)}; }
INGOT_FN I minimum(I a, I b) { return {_mm256_min_epi32(a.v, b.v)}; }
INGOT_FN I maximum(I a, I b) { return {_mm256_max_epi32(a.v, b.v)}; }
INGOT_FN M greater(I a, I b) { return {_mm256_cmpgt_epi32(a.v, b.v)}; }
INGOT_FN M equal(I a, I b) { return {_mm256_cmpeq_epi32(a.v, b.v)}; }
INGOT_FN I select(M mask, I yes, I no) { return {_mm256_blendv_epi8(no.v, yes.v, mask.v)}; }

INGOT_FN M less_unsigned(I a, I b) {
    const __m256i flip = _mm256_set1_epi32(INT32_MIN);
    return {_mm256_cmpgt_epi32(_mm256_xor_si256(b.v, flip), _mm256_xor_si256(a.v, flip))};
}

template <int n>
INGOT_FN I shift_left(I x) {
    return {_mm256_slli_epi32(x.v, n)};
}

template <int n>
INGOT_FN I shift_right(I x) {
    return {_mm256_srli_epi32(x.v, n)};
}

INGOT_FN M both(M a, M b) { return {_mm256_and_si256(a.v, b.v)}; }
INGOT_FN M either(M a, M b) { return {_mm256_or_si256(a.v, b.v)}; }
INGOT_FN M without(M a, M b) { return {_mm256_andnot_si256(b.v, a.v)}; }

INGOT_FN F load_f32(const void *p) { return {_mm256_loadu_ps((const float *)p)}; }
INGOT_FN I load_i32(const void *p) { return {_mm256_loadu_si256((const __m256i *)p)}; }
INGOT_FN I load_u16(const void *p) { return {_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)p))}; }
INGOT_FN I load_u8(const void *p) { return {_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)p))}; }
INGOT_FN F load_f16(const void *p) { return {_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p))}; }

INGOT_FN F load_f64(const void *p) {
    const __m128 low = _mm256_cvtpd_ps(_mm256_loadu_pd((const double *)p));
    const __m128 high = _mm256_cvtpd_ps(_mm256_loadu_pd((const double *)((const char *)p + 32)));
    return {_mm256_set_m128(high, low)};
}

INGOT_FN void store_f32(void *p, F x) { _mm256_storeu_ps((float *)p, x.v); }
INGOT_FN void store_i32(void *p, I x) { _mm256_storeu_si256((__m256i *)p, x.v); }

// Lanes hold at most 16 bits: saturation does not happen.
INGOT_FN __m128i pack_u16(I x) {
    return _mm_packus_epi32(_mm256_castsi256_si128(x.v), _mm256_extracti128_si256(x.v, 1));
}

INGOT_FN void store_u16(void *p, I x) { _mm_storeu_si128((__m128i *)p, pack_u16(x)); }

INGOT_FN void store_u8(void *p, I x) {
    const __m128i words = pack_u16(x);
    _mm_storel_epi64((__m128i *)p, _mm_packus_epi16(words, words));
}

INGOT_FN I narrow_f16(F x) {
    const __m128i codes = _mm256_cvtps_ph(x.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    return select(is_nan(x), splat<I>(f16_layout::nan), I{_mm256_cvtepu16_epi32(codes)});
}

INGOT_FN D widen(F x) {
    return {_mm256_cvtps_pd(_mm256_castps256_ps128(x.v)), _mm256_cvtps_pd(_mm256_extractf128_ps(x.v, 1))};
}

INGOT_FN D load_d(const double *p) { return {_mm256_loadu_pd(p), _mm256_loadu_pd(p + 4)}; }

INGOT_FN void store_d(double *p, D x) {
    _mm256_storeu_pd(p, x.low);
    _mm256_storeu_pd(p + 4, x.high);
}

INGOT_FN void store_f64(void *p, F x) { store_d((double *)p, widen(x)); }

INGOT_FN I iota() { return {_mm256_set_epi32(7, 6, 5, 4, 3, 2, 1, 0)}; }
INGOT_FN uint32_t mask_bits(M mask) { return (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(mask.v)); }

INGOT_FN M mask_from_bits(uint32_t set) {
    const __m256i lanes = _mm256_set_epi32(128, 64, 32, 16, 8, 4, 2, 1);
    return {_mm256_cmpeq_epi32(_mm256_and_si256(_mm256_set1_epi32((int32_t)set), lanes), lanes)};
}

INGOT_FN I count_lanes(I counts, M mask) { return {_mm256_sub_epi32(counts.v, mask.v)}; }

// The lanes of x in memory.
struct lanes {
    int32_t v[8];
};

INGOT_FN lanes lanes_in(I x) {
    lanes result;
    _mm256_storeu_si256((__m256i *)result.v, x.v);
    return result;
}

INGOT_FN int64_t sum_lanes(I x) {
    int64_t sum = 0;
    for (int32_t lane : lanes_in(x).v) sum += lane;
    return sum;
}

INGOT_FN int32_t smallest_lane(I x) {
    const lanes all = lanes_in(x);
    int32_t result = all.v[0];
    for (int32_t lane : all.v) result = minimum(result, lane);
    return result;
}

INGOT_FN int32_t largest_lane(I x) {
    const lanes all = lanes_in(x);
    int32_t result = all.v[0];
    for (int32_t lane : all.v) result = maximum(result, lane);
    return result;
}

INGOT_FN int compress_store(int32_t *out, I x, M mask) {
    const uint32_t set = mask_bits(mask);
    const __m128i order = _mm_loadl_epi64((const __m128i *)compress_order.lanes[set]);
    _mm256_storeu_si256((__m256i *)out, _mm256_permutevar8x32_epi32(x.v, _mm256_cvtepu8_epi32(order)));
    return __builtin_popcount(set);
}

INGOT_FN D zero_f64() { return {_mm256_setzero_pd(), _mm256_setzero_pd()}; }
INGOT_FN D add(D a, D b) { return {_mm256_add_pd(a.low, b.low), _mm256_add_pd(a.high, b.high)}; }

INGOT_FN D add_exact_product(D sum, D a, D b) {
    return {_mm256_fmadd_pd(a.low, b.low, sum.low), _mm256_fmadd_pd(a.high, b.high, sum.high)};
}

INGOT_FN U mul_low_halves(U a, U b) { return {_mm256_mul_epu32(a.v, b.v)}; }
INGOT_FN U high_half(U x) { return {_mm256_srli_epi64(x.v, 32)}; }
INGOT_FN U xor3(U a, U b, U c) { return {_mm256_xor_si256(_mm256_xor_si256(b.v, c.v), a.v)}; }

constexpr int kCounters = 4;

// 128-bit lane L holds the counters first + L and first + 2 + L: then the two unpacks below give words in order.
INGOT_FN U counters_from(uint64_t first) {
    return {_mm256_add_epi64(_mm256_set1_epi64x((int64_t)first), _mm256_set_epi64x(3, 1, 2, 0))};
}

INGOT_FN void store_words(int32_t *out, U w0, U w1, U w2, U w3) {
    const __m256i w01 = _mm256_blend_epi32(w0.v, _mm256_slli_epi64(w1.v, 32), 0xaa);
    const __m256i w23 = _mm256_blend_epi32(w2.v, _mm256_slli_epi64(w3.v, 32), 0xaa);
    _mm256_storeu_si256((__m256i *)out, _mm256_unpacklo_epi64(w01, w23));
    _mm256_storeu_si256((__m256i *)(out + 8), _mm256_unpackhi_epi64(w01, w23));
}

}  // namespace INGOT_NAMESPACE

#endif

// SPDX-License-Identifier: Apache-2.0
//
// One lane: the vocabulary of math/scalar.h and what walks memory.
#ifndef INGOT_SIMD_SCALAR_H
#define INGOT_SIMD_SCALAR_H

#include "ingot/math/convert.h"
#include "ingot/math/scalar.h"

namespace INGOT_NAMESPACE {

using F = float;
using I = int32_t;
using M = bool;
using D = double;
using U = uint64_t;

// Lanes of F and I.
constexpr int kLanes = 1;

template <class T>
INGOT_FN T load_unaligned(const void *p) {
    T value;
    memcpy(&value, p, sizeof value);
    return value;
}

INGOT_FN F load_f32(const void *p) { return load_unaligned<float>(p); }
INGOT_FN I load_i32(const void *p) { return load_unaligned<int32_t>(p); }
INGOT_FN I load_u16(const void *p) { return load_unaligned<uint16_t>(p); }
INGOT_FN I load_u8(const void *p) { return load_unaligned<uint8_t>(p); }
INGOT_FN F load_f16(const void *p) { return widen_small<f16_layout>(load_u16(p)); }
INGOT_FN F load_f64(const void *p) { return (float)load_unaligned<double>(p); }

INGOT_FN void store_f32(void *p, F x) { memcpy(p, &x, sizeof x); }
INGOT_FN void store_i32(void *p, I x) { memcpy(p, &x, sizeof x); }

INGOT_FN void store_u16(void *p, I x) {
    const uint16_t narrow = (uint16_t)x;
    memcpy(p, &narrow, sizeof narrow);
}

INGOT_FN void store_u8(void *p, I x) {
    const uint8_t narrow = (uint8_t)x;
    memcpy(p, &narrow, sizeof narrow);
}

INGOT_FN I narrow_f16(F x) { return narrow_small<f16_layout>(x); }

INGOT_FN void store_f64(void *p, F x) {
    const double wide = x;
    memcpy(p, &wide, sizeof wide);
}

// Lane numbers.
INGOT_FN I iota() { return 0; }
// One bit per lane.
INGOT_FN uint32_t mask_bits(M mask) { return mask; }
// The lanes of the lowest bits.
INGOT_FN M mask_from_bits(uint32_t set) { return set & 1; }
// counts, plus one in the lanes of the mask.
INGOT_FN I count_lanes(I counts, M mask) { return counts + mask; }
INGOT_FN int64_t sum_lanes(I x) { return x; }
INGOT_FN int32_t smallest_lane(I x) { return x; }
INGOT_FN int32_t largest_lane(I x) { return x; }

// Writes the lanes of the mask in order, then anything up to kLanes values; returns how many lanes were set.
INGOT_FN int compress_store(int32_t *out, I x, M mask) {
    *out = x;
    return mask;
}

INGOT_FN D widen(F x) { return x; }
INGOT_FN D zero_f64() { return 0.0; }
INGOT_FN D add(D a, D b) { return a + b; }
// sum + a b for factors widened from float32: the product is exact, so that contraction would not matter.
INGOT_FN D add_exact_product(D sum, D a, D b) { return sum + a * b; }
INGOT_FN D load_d(const double *p) { return *p; }
INGOT_FN void store_d(double *p, D x) { *p = x; }

// Blocks of Philox counters in one U, and the counters from `first` on in the order that store_words expects.
constexpr int kCounters = 1;
INGOT_FN U counters_from(uint64_t first) { return first; }

INGOT_FN void store_words(int32_t *out, U w0, U w1, U w2, U w3) {
    out[0] = (int32_t)(uint32_t)w0;
    out[1] = (int32_t)(uint32_t)w1;
    out[2] = (int32_t)(uint32_t)w2;
    out[3] = (int32_t)(uint32_t)w3;
}

}  // namespace INGOT_NAMESPACE

#endif

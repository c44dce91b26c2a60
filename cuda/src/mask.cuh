// SPDX-License-Identifier: Apache-2.0
//
// Which of n consecutive deltas are kept, n being 4 or 8 and the flat index of the first a multiple of n. Bit e of a
// set of bits stands for element e.
#ifndef INGOT_MASK_CUH
#define INGOT_MASK_CUH

#include <math.h>

#include "vector.cuh"

#include "ingot/math/delta.h"
#include "ingot/math/philox.h"

namespace INGOT_NAMESPACE {

// The elements that a random mask keeps: one Philox block per 4 of them, side by side with the same round keys.
template <int n>
INGOT_DEVICE uint32_t random_bits(uint64_t key, uint32_t keep_below, int64_t index) {
    philox_block<uint64_t> blocks[n / 4];
#pragma unroll
    for (int b = 0; b < n / 4; b++) blocks[b] = philox_counter((uint64_t)index / 4 + b);
    philox4x32_10(blocks, philox_keys<uint64_t>(key));
    uint32_t kept = 0;
#pragma unroll
    for (int e = 0; e < n; e++) {
        const philox_block<uint64_t> &b = blocks[e / 4];
        const uint64_t word = e % 4 == 0 ? b.w0 : e % 4 == 1 ? b.w1 : e % 4 == 2 ? b.w2 : b.w3;
        kept |= less_unsigned((int32_t)(uint32_t)word, (int32_t)keep_below) ? 1u << e : 0;
    }
    return kept;
}

// The elements that a table of bits keeps: n divides 8, and the index is a multiple of n.
template <int n>
INGOT_DEVICE uint32_t table_bits(const void *bits, int64_t index) {
    return static_cast<const uint8_t *>(bits)[index >> 3] >> (index & 7) & ((1u << n) - 1);
}

template <int n>
INGOT_DEVICE void keep_bits(uint32_t kept, float (&d)[n]) {
#pragma unroll
    for (int e = 0; e < n; e++) d[e] = keep((kept >> e & 1) != 0, d[e]);
}

// The largest key that is dropped, if ties are kept or not: a number, or above all keys.
INGOT_DEVICE int32_t largest_dropped(int32_t threshold, bool ties) {
    const int32_t dropped = ties ? maximum(threshold, 0) - 1 : threshold;
    return dropped < 0x7fc00000 ? minimum(dropped, 0x7f800000) : INT32_MAX;
}

template <int n>
INGOT_DEVICE void keep_magnitudes(int32_t threshold, int64_t tie_cut, int64_t index, float (&d)[n]) {
    const int64_t ties = tie_cut - index;
    const int32_t dropped = largest_dropped(threshold, ties > 0);
    if ((ties <= 0 || ties >= n) && dropped != INT32_MAX) {
        // The order of magnitudes is that of numbers, with NaN above. All are above -1, which is the pattern of a NaN.
        const float limit = from_bits(dropped);
#pragma unroll
        for (int e = 0; e < n; e++) d[e] = keep(!greater_equal(limit, fabsf(d[e])), d[e]);
    } else {
        const int32_t kept_ties = (int32_t)(ties <= 0 ? 0 : ties >= n ? n : ties);
#pragma unroll
        for (int e = 0; e < n; e++) {
            const int32_t key = magnitude_key(d[e]);
            d[e] = keep(either(greater(key, threshold), both(equal(key, threshold), greater(kept_ties, e))), d[e]);
        }
    }
}

// +0 in place of the deltas that a mask drops.
template <int n>
INGOT_DEVICE void apply_mask(const ingot_mask_spec &mask, int64_t index, float (&d)[n]) {
    if (mask.kind == INGOT_MASK_MAGNITUDE) {
        keep_magnitudes(mask.threshold, mask.tie_cut, index, d);
    } else if (mask.kind == INGOT_MASK_RANDOM) {
        keep_bits(random_bits<n>(mask.key, mask.keep_below, index), d);
    } else if (mask.kind == INGOT_MASK_BITS) {
        keep_bits(table_bits<n>(mask.bits, index), d);
    }
}

}  // namespace INGOT_NAMESPACE

#endif

// SPDX-License-Identifier: Apache-2.0
//
// Sorting of pairs, least significant digit first, which keeps equal ones in order.
#ifndef INGOT_KERNELS_SORT_PAIRS_H
#define INGOT_KERNELS_SORT_PAIRS_H

#include "storage.h"

namespace INGOT_NAMESPACE {

// Sorts n pairs of value (upper half) and index (lower half) by value; returns where they are then.
template <int digit_bits>
static const uint64_t *sort_by_digits(uint64_t *from, uint64_t *to, int64_t n) {
    constexpr int passes = (32 + digit_bits - 1) / digit_bits;
    constexpr uint64_t digits = (uint64_t)1 << digit_bits;
    uint32_t counts[passes][digits];
    memset(counts, 0, sizeof counts);
    for (int64_t i = 0; i < n; i++) {
        for (int pass = 0; pass < passes; pass++) counts[pass][from[i] >> (32 + pass * digit_bits) & (digits - 1)]++;
    }
    for (int pass = 0; pass < passes; pass++) {
        const int shift = 32 + pass * digit_bits;
        uint32_t *places = counts[pass];
        // All in one bin: nothing would move.
        if (places[from[0] >> shift & (digits - 1)] == (uint64_t)n) continue;
        uint32_t place = 0;
        for (uint64_t digit = 0; digit < digits; digit++) {
            const uint32_t here = places[digit];
            places[digit] = place;
            place += here;
        }
        for (int64_t i = 0; i < n; i++) to[places[from[i] >> shift & (digits - 1)]++] = from[i];
        uint64_t *sorted = to;
        to = from;
        from = sorted;
    }
    return from;
}

// From this many pairs on the larger tables of counts pay.
constexpr int64_t kManyPairs = 2048;

static const uint64_t *sort_pairs(uint64_t *from, uint64_t *to, int64_t n) {
    return n < kManyPairs ? sort_by_digits<8>(from, to, n) : sort_by_digits<11>(from, to, n);
}

}  // namespace INGOT_NAMESPACE

#endif

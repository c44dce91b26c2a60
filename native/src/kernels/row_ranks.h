// SPDX-License-Identifier: Apache-2.0
//
// Ranks within rows: every row is sorted by its values' bits, least significant digit first, which keeps equal ones in order.
#ifndef INGOT_KERNELS_ROW_RANKS_H
#define INGOT_KERNELS_ROW_RANKS_H

#include "sort_pairs.h"

namespace INGOT_NAMESPACE {

// An unsigned integer in the order of the numbers: both zeros are equal, every NaN is the largest.
INGOT_FN uint32_t ascending(float x) {
    const uint32_t all = (uint32_t)bits(x);
    if (x != x) return UINT32_MAX;
    if (x == 0.0f) return 0x80000000u;
    return all & 0x80000000u ? ~all : all | 0x80000000u;
}

constexpr int kMostRankBins = 4096;
// Moves per element from which on insertion is given up.
constexpr int64_t kMostMoves = 16;

// Finite rows: elements go to bins by their place between the smallest and the largest value, then what is left out of
// order in the bins is put right by insertion. Null if that takes too long; many equal elements do not matter.
static const uint64_t *sort_by_bins(const uint64_t *pairs, const float *values, uint64_t *to, uint16_t *bin, int64_t n) {
    float low = values[0], high = values[0];
    bool finite = true;
    for (int64_t i = 0; i < n; i++) {
        low = values[i] < low ? values[i] : low;
        high = values[i] > high ? values[i] : high;
        finite &= values[i] - values[i] == 0.0f;
    }
    const float width = high - low;
    if (!finite || !(width - width == 0.0f) || width < 1e-30f) return nullptr;
    const int bins = n < kMostRankBins ? (int)n : kMostRankBins;
    const float scale = (float)(bins - 1) / width;
    uint32_t counts[kMostRankBins] = {};
    for (int64_t i = 0; i < n; i++) bin[i] = (uint16_t)((values[i] - low) * scale);
    for (int64_t i = 0; i < n; i++) counts[bin[i]]++;
    uint32_t place = 0;
    for (int b = 0; b < bins; b++) {
        const uint32_t here = counts[b];
        counts[b] = place;
        place += here;
    }
    for (int64_t i = 0; i < n; i++) to[counts[bin[i]]++] = pairs[i];
    int64_t moves = kMostMoves * n;
    for (int64_t i = 1; i < n; i++) {
        const uint64_t one = to[i];
        int64_t at = i;
        for (; at > 0 && to[at - 1] > one; at--) to[at] = to[at - 1];
        to[at] = one;
        moves -= i - at;
        if (moves < 0) return nullptr;
    }
    return to;
}

static void row_ranks(const ingot_row_ranks_args &args) {
    for (int64_t first = 0; first < args.count; first += args.row_length) {
        const int64_t n = args.count - first < args.row_length ? args.count - first : args.row_length;
        uint64_t *pairs = args.scratch;
        uint64_t *other = pairs + args.row_length;
        float *row = (float *)(other + args.row_length);
        memcpy(row, args.values + first, (size_t)n * sizeof *row);
        for (int64_t i = 0; i < n; i++) pairs[i] = (uint64_t)ascending(row[i]) << 32 | (uint64_t)i;
        const uint64_t *sorted = nullptr;
        if (n >= 32) {
            sorted = sort_by_bins(pairs, row, other, (uint16_t *)(row + args.row_length), n);
        }
        if (!sorted) sorted = sort_pairs(pairs, other, n);
        for (int64_t rank = 0; rank < n; rank++) {
            const float value = (float)rank;
            memcpy(args.ranks + first + (sorted[rank] & 0xffffffffu), &value, sizeof value);
        }
    }
}

}  // namespace INGOT_NAMESPACE

#endif

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

// The least and the largest of n values.
struct value_range {
    float low, high;
    bool finite;
};

static value_range range_of(const float *values, int64_t n) {
    constexpr int chains = 16;
    float low[chains], high[chains], wrong[chains];
    for (int c = 0; c < chains; c++) {
        low[c] = high[c] = values[0];
        wrong[c] = 0.0f;
    }
    const auto look = [&](int c, float x) {
        low[c] = x < low[c] ? x : low[c];
        high[c] = x > high[c] ? x : high[c];
        // Zero, or no number.
        wrong[c] += x - x;
    };
    int64_t i = 0;
    for (; i + chains <= n; i += chains) {
        for (int c = 0; c < chains; c++) look(c, values[i + c]);
    }
    for (; i < n; i++) look(0, values[i]);
    value_range range = {low[0], high[0], true};
    for (int c = 0; c < chains; c++) {
        range.low = low[c] < range.low ? low[c] : range.low;
        range.high = high[c] > range.high ? high[c] : range.high;
        range.finite &= wrong[c] == 0.0f;
    }
    return range;
}

// Finite rows: elements go to bins by their place between the smallest and the largest value, then what is left out of
// order in the bins is put right by insertion. Null if that takes too long; many equal elements do not matter.
static const uint64_t *sort_by_bins(const uint64_t *pairs, const float *values, uint64_t *to, uint16_t *bin, int64_t n) {
    const value_range range = range_of(values, n);
    const float low = range.low;
    const float width = range.high - low;
    if (!range.finite || !(width - width == 0.0f) || width < 1e-30f) return nullptr;
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

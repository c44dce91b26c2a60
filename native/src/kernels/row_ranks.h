// SPDX-License-Identifier: Apache-2.0
//
// Ranks within rows: by counting where a bin holds one value only, by sorting the bins that hold more. Rows that are not finite
// are sorted by their values' bits, least significant digit first, which keeps equal ones in order.
#ifndef INGOT_KERNELS_ROW_RANKS_H
#define INGOT_KERNELS_ROW_RANKS_H

#include "row_bins.h"
#include "sort_pairs.h"

namespace INGOT_NAMESPACE {

// An unsigned integer in the order of the numbers: both zeros are equal, every NaN is the largest.
INGOT_FN uint32_t ascending(float x) {
    const uint32_t all = (uint32_t)bits(x);
    if (x != x) return UINT32_MAX;
    if (x == 0.0f) return 0x80000000u;
    return all & 0x80000000u ? ~all : all | 0x80000000u;
}

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

INGOT_FN uint64_t ranked_pair(float value, int64_t i) { return (uint64_t)ascending(value) << 32 | (uint64_t)i; }

INGOT_FN void put_rank(float *ranks, int64_t i, int64_t rank) {
    const float value = (float)rank;
    memcpy((char *)ranks + i * (int64_t)sizeof value, &value, sizeof value);
}

static void put_ranks(const uint64_t *sorted, int64_t first, int64_t n, float *ranks) {
    for (int64_t i = 0; i < n; i++) put_rank(ranks, (int64_t)(sorted[i] & 0xffffffffu), first + i);
}

// From this many pairs on insertion is slower than sorting by digits.
constexpr int64_t kFewPairs = 64;

static const uint64_t *sort_bin(uint64_t *pairs, uint64_t *other, int64_t n) {
    if (n >= kFewPairs) return sort_pairs(pairs, other, n);
    for (int64_t i = 1; i < n; i++) {
        const uint64_t one = pairs[i];
        int64_t at = i;
        for (; at > 0 && pairs[at - 1] > one; at--) pairs[at] = pairs[at - 1];
        pairs[at] = one;
    }
    return pairs;
}

// Bins of a row, and whether they hold several values.
struct rank_bins {
    row_bins bins;
    float value[kMostBins];
    uint8_t mixed[kMostBins];
};

// Finds the bins with several values; true if there are some.
static bool find_mixed(rank_bins &row, const float *values, int64_t n) {
    const uint16_t *bin = row.bins.bin;
    for (int64_t i = 0; i < n; i++) row.value[bin[i]] = values[i];
    memset(row.mixed, 0, (size_t)row.bins.count);
    for (int64_t i = 0; i < n; i++) row.mixed[bin[i]] |= row.value[bin[i]] != values[i];
    uint8_t any = 0;
    for (int b = 0; b < row.bins.count; b++) any |= row.mixed[b];
    return any;
}

// Calls put(i, rank) with ranks that are right where the bin holds one value.
template <class Put>
INGOT_FN void for_each_rank(row_bins &bins, int64_t n, const Put &put) {
    for (int p = 0; p < kRowParts; p++) {
        int32_t *ranks = bins.before[p];
        for (int b = 0; b < bins.count; b++) ranks[b] += bins.first[b];
        const int64_t stop = n < (p + 1) * bins.part ? n : (p + 1) * bins.part;
        for (int64_t i = p * bins.part; i < stop; i++) put(i, ranks[bins.bin[i]] + bins.place[i]);
    }
}

static bool rank_by_bins(rank_bins &row, const float *values, int64_t n, uint64_t *pairs, float *ranks) {
    const value_range range = range_of(values, n);
    row_bins &bins = row.bins;
    if (!range.finite || !make_bins(bins, values, n, range.low, range.high, n / 2)) return false;
    if (!find_mixed(row, values, n)) {
        for_each_rank(bins, n, [=](int64_t i, int32_t rank) { put_rank(ranks, i, rank); });
        return true;
    }
    for_each_rank(bins, n, [=](int64_t i, int32_t rank) {
        put_rank(ranks, i, rank);
        pairs[rank] = ranked_pair(values[i], i);
    });
    // Places are known: their room is used to sort.
    uint64_t *other = (uint64_t *)bins.place;
    for (int b = 0; b < bins.count; b++) {
        const int32_t first = bins.first[b];
        if (row.mixed[b]) put_ranks(sort_bin(pairs + first, other + first, bins.size(b)), first, bins.size(b), ranks);
    }
    return true;
}

static void row_ranks(const ingot_row_ranks_args &args) {
    rank_bins bins;
    uint64_t *pairs = args.scratch;
    uint64_t *other = pairs + args.row_length;
    float *row = (float *)(other + args.row_length);
    bins.bins.place = (int32_t *)other;
    bins.bins.bin = (uint16_t *)(row + args.row_length);
    for (int64_t first = 0; first < args.count; first += args.row_length) {
        const int64_t n = args.count - first < args.row_length ? args.count - first : args.row_length;
        float *ranks = (float *)((char *)args.ranks + first * (int64_t)sizeof *ranks);
        memcpy(row, (const char *)args.values + first * (int64_t)sizeof *row, (size_t)n * sizeof *row);
        if (rank_by_bins(bins, row, n, pairs, ranks)) continue;
        for (int64_t i = 0; i < n; i++) pairs[i] = ranked_pair(row[i], i);
        put_ranks(sort_pairs(pairs, other, n), 0, n, ranks);
    }
}

}  // namespace INGOT_NAMESPACE

#endif

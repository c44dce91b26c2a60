// SPDX-License-Identifier: Apache-2.0
//
// The key of a given rank by repeated histograms over the range that is left, 2048 bins each: three at most.
#ifndef INGOT_KERNELS_KTH_LARGEST_H
#define INGOT_KERNELS_KTH_LARGEST_H

#include "ingot/ingot.h"
#include "ingot/math/scalar.h"

namespace INGOT_NAMESPACE {

constexpr int kBinBits = 11;
constexpr int kBins = 1 << kBinBits;

struct key_range {
    int32_t low, high;
};

static key_range range_of(const int32_t *keys, int64_t count) {
    key_range range = {keys[0], keys[0]};
    int64_t i = 0;
    if (count >= kLanes) {
        I low = load_i32(keys), high = low;
        for (; i + kLanes <= count; i += kLanes) {
            const I key = load_i32(keys + i);
            low = minimum(low, key);
            high = maximum(high, key);
        }
        range = {smallest_lane(low), largest_lane(high)};
    }
    for (; i < count; i++) {
        range.low = minimum(range.low, keys[i]);
        range.high = maximum(range.high, keys[i]);
    }
    return range;
}

// Four tables, as equal neighbours would wait for each other's increment in one.
static void count_bins(const int32_t *keys, int64_t count, int32_t low, int shift, int64_t *bins) {
    alignas(64) uint32_t tables[4][kBins];
    memset(bins, 0, kBins * sizeof *bins);
    for (int64_t start = 0; start < count; start += INT32_MAX) {
        const int64_t stop = count - start > INT32_MAX ? start + INT32_MAX : count;
        memset(tables, 0, sizeof tables);
        int64_t i = start;
        for (; i + 4 <= stop; i += 4) {
            for (int table = 0; table < 4; table++) tables[table][(uint32_t)sub(keys[i + table], low) >> shift]++;
        }
        for (; i < stop; i++) tables[0][(uint32_t)sub(keys[i], low) >> shift]++;
        for (int bin = 0; bin < kBins; bin++) {
            for (int table = 0; table < 4; table++) bins[bin] += tables[table][bin];
        }
    }
}

// Moves the keys in [low, low + width) to the front. A whole vector may be written at the end of those found so far:
// what it overwrites was read before.
static int64_t keep_bin(int32_t *keys, int64_t count, int32_t low, int32_t width) {
    int64_t found = 0;
    int64_t i = 0;
    for (; i + kLanes <= count; i += kLanes) {
        const I key = load_i32(keys + i);
        found += compress_store(keys + found, key, less_unsigned(sub(key, splat<I>(low)), splat<I>(width)));
    }
    for (; i < count; i++) {
        const int32_t key = keys[i];
        if (less_unsigned(sub(key, low), width)) keys[found++] = key;
    }
    return found;
}

static void kth_largest(ingot_kth_largest_args &args) {
    int64_t bins[kBins];
    int64_t count = args.count;
    int64_t rank = args.rank;
    key_range range = range_of(args.keys, count);
    args.larger = 0;
    while (range.low != range.high) {
        const uint32_t span = (uint32_t)sub(range.high, range.low);
        const int width_bits = 32 - __builtin_clz(span);
        const int shift = width_bits > kBinBits ? width_bits - kBinBits : 0;
        count_bins(args.keys, count, range.low, shift, bins);
        int bin = kBins - 1;
        while (rank > bins[bin]) {
            rank -= bins[bin];
            args.larger += bins[bin];
            bin--;
        }
        range.low = add(range.low, (int32_t)((uint32_t)bin << shift));
        range.high = add(range.low, (int32_t)((1u << shift) - 1));
        if (shift > 0 && bins[bin] < count) count = keep_bin(args.keys, count, range.low, 1 << shift);
    }
    args.key = range.low;
}

}  // namespace INGOT_NAMESPACE

#endif

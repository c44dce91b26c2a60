// SPDX-License-Identifier: Apache-2.0
//
// Masks that keep a band of the ranks within rows. Two elements of a row bound the band: a histogram finds the bin of each, and
// halving finds it among the elements of the bin, which takes one look where all of them are equal.
#ifndef INGOT_KERNELS_BAND_MASK_H
#define INGOT_KERNELS_BAND_MASK_H

#include "kth_largest.h"
#include "row_bins.h"
#include "rows.h"

namespace INGOT_NAMESPACE {

// In place of the bits of NaN, which is smaller than all numbers here.
constexpr int32_t kNanKey = -1;

// Some of the largest elements: those with larger keys, and those of this key at indices below cut.
struct largest_elements {
    int32_t key;
    int32_t cut;

    INGOT_FN M contains(I keys, I index) const {
        const M tie = both(equal(keys, splat<I>(key)), greater(splat<I>(cut), index));
        return either(greater(keys, splat<I>(key)), tie);
    }
};

struct band_row {
    const int64_t n;
    // Their bits are keys.
    float *magnitudes;
    // The keys of a bin; before, places in bins, which nobody needs.
    int32_t *members;
    uint32_t *kept;
    bool binned;
    row_bins bins;

    explicit band_row(const ingot_band_mask_args &args) : n(args.row_length) {
        const int64_t room = n + kRowSlack;
        magnitudes = (float *)args.scratch;
        members = bins.place = (int32_t *)(magnitudes + room);
        bins.bin = (uint16_t *)(members + room);
        kept = (uint32_t *)(bins.bin + room);
    }

    INGOT_FN I keys(int64_t i) const { return bits(load_f32(magnitudes + i)); }
};

static void load_row(band_row &row, const ingot_band_mask_args &args, int64_t first) {
    const int32_t most = load_magnitudes(args.base, args.model, first, row.n, row.magnitudes);
    row.binned = most < 0x7f800000 && make_bins(row.bins, row.magnitudes, row.n, 0.0f, from_bits(most), row.n / 8);
    // Behind the row: no bin.
    memset(row.bins.bin + row.n, 0xff, (size_t)kLanes * sizeof row.bins.bin[0]);
    if (most <= 0x7f800000) return;
    for (int64_t i = 0; i < row.n; i += kLanes) {
        const F x = load_f32(row.magnitudes + i);
        store_i32(row.magnitudes + i, select(is_nan(x), splat<I>(kNanKey), bits(x)));
    }
}

// The keys of a bin, or all.
static int64_t collect(const band_row &row, int bin) {
    if (!row.binned) {
        memcpy(row.members, row.magnitudes, (size_t)row.n * sizeof row.members[0]);
        return row.n;
    }
    int64_t count = 0;
    for (int64_t i = 0; i < row.n; i += kLanes) {
        const M here = equal(load_u16(row.bins.bin + i), splat<I>(bin));
        count += compress_store(row.members + count, row.keys(i), here);
    }
    return count;
}

struct ranked_key {
    int32_t key;
    // How many are larger.
    int64_t larger;
};

// The key of this rank, from 1 for the largest: the range is halved, and its ends are moved to keys that there are.
static ranked_key key_of_rank(const int32_t *keys, int64_t count, int64_t rank) {
    key_range range = range_of(keys, count);
    int64_t larger = 0;
    while (range.low < range.high) {
        const int32_t middle = range.low + (range.high - range.low) / 2;
        int64_t above = 0;
        int32_t next = range.high, last = range.low;
        for (int64_t i = 0; i < count; i++) {
            const bool is_above = keys[i] > middle;
            above += is_above;
            next = is_above && keys[i] < next ? keys[i] : next;
            last = !is_above && keys[i] > last ? keys[i] : last;
        }
        if (above >= rank) {
            range.low = next;
        } else {
            range.high = last;
            larger = above;
        }
    }
    return {range.low, larger};
}

// The index behind the nth element with this key.
static int32_t behind_nth(const band_row &row, int32_t key, int64_t nth) {
    for (int64_t i = 0;; i += kLanes) {
        uint32_t same = mask_bits(equal(row.keys(i), splat<I>(key)));
        const int here = __builtin_popcount(same);
        if (here < nth) {
            nth -= here;
            continue;
        }
        for (; nth > 1; nth--) same &= same - 1;
        return (int32_t)i + __builtin_ctz(same) + 1;
    }
}

// The bin of the element with this rank from the smallest on.
static int bin_of_rank(const row_bins &bins, int32_t rank) {
    int low = 0, high = bins.count - 1;
    while (low < high) {
        const int middle = (low + high + 1) / 2;
        if (bins.first[middle] <= rank) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return low;
}

// The `number` largest elements; of equal ones those that come first.
static largest_elements find_largest(const band_row &row, int64_t number) {
    if (number <= 0) return {INT32_MAX, 0};
    if (number >= row.n) return {kNanKey - 1, 0};
    int bin = 0;
    int64_t larger = 0;
    if (row.binned) {
        bin = bin_of_rank(row.bins, (int32_t)(row.n - number));
        larger = row.n - row.bins.first[bin + 1];
    }
    const int64_t count = collect(row, bin);
    const ranked_key found = key_of_rank(row.members, count, number - larger);
    return {found.key, behind_nth(row, found.key, number - larger - found.larger)};
}

static void band_mask(const ingot_band_mask_args &args) {
    band_row row(args);
    for (int64_t first = 0; first < args.count; first += row.n) {
        load_row(row, args, first);
        const largest_elements beyond = find_largest(row, args.first);
        const largest_elements up_to = find_largest(row, args.end);
        for (int64_t start = 0; start < row.n; start += 32) {
            uint32_t word = 0;
            for (int v = 0; v < 32; v += kLanes) {
                const I keys = row.keys(start + v);
                const I index = add(iota(), splat<I>((int32_t)start + v));
                word |= mask_bits(without(up_to.contains(keys, index), beyond.contains(keys, index))) << v;
            }
            row.kept[start / 32] = word;
        }
        put_bits(row.kept, row.n, (unsigned char *)args.bits, first);
    }
}

}  // namespace INGOT_NAMESPACE

#endif

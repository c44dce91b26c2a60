// SPDX-License-Identifier: Apache-2.0
//
// Masks that keep an element with a probability that rises with the rank of its magnitude within the row. Nobody sorts: a
// number outside of the range of probabilities decides alone, and a histogram of the row bounds the ranks of the others. The
// few whose bounds do not decide are ranked among the elements of their bin, which are equal where many lie in it.
#ifndef INGOT_KERNELS_RANKED_MASK_H
#define INGOT_KERNELS_RANKED_MASK_H

#include "reductions.h"
#include "row_bins.h"
#include "rows.h"
#include "sort_pairs.h"

namespace INGOT_NAMESPACE {

// Vectors that are looked at, for each element of the row, from which on sorting is cheaper.
constexpr int64_t kMostLooks = 32;
// Bins that hold this part of a row at least are looked through for other values.
constexpr int64_t kLargeBin = 64;
enum : uint8_t { kUnknown, kSame, kMixed };

struct ranked_row {
    const ingot_ranked_mask_args &args;
    const int64_t n;
    // To sort: two lists of pairs of key and index. The first is room for the places in bins, where nothing is sorted.
    uint64_t *pairs, *other;
    float *magnitudes;
    uint32_t *kept;
    // Elements that are not decided yet, in order, and their random numbers.
    int32_t *open;
    float *drawn;
    int64_t open_count = 0;
    row_bins bins;
    // For each bin, whether all of its elements are equal.
    uint8_t sameness[kMostBins];
    // The probability that goes with the lowest rank of each bin.
    float least[kMostBins + 1];

    explicit ranked_row(const ingot_ranked_mask_args &a) : args(a), n(a.row_length) {
        const int64_t room = n + kRowSlack;
        pairs = a.scratch;
        other = pairs + room;
        bins.place = (int32_t *)pairs;
        magnitudes = (float *)(other + room);
        bins.bin = (uint16_t *)(magnitudes + room);
        kept = (uint32_t *)(bins.bin + room);
        open = (int32_t *)(other + 2 * room);
        drawn = (float *)(open + room);
    }

    // Of an element with this rank. A row of one element has no ranks.
    INGOT_FN float probability(float rank) const {
        const float share = n > 1 ? div(rank, (float)(n - 1)) : 0.5f;
        return add(args.low, mul(args.width, share));
    }

    INGOT_FN void keep_if(bool keeps, int32_t i) { kept[i >> 5] |= (uint32_t)keeps << (i & 31); }
};

// The random numbers of n elements from the row's element at `start` on, then some that keep no element.
static void draw_block(const ranked_row &row, int64_t first, int64_t start, int n, float_block &out) {
    const ingot_ranked_mask_args &args = row.args;
    if (args.draws) {
        memcpy(out.v, args.draws + first + start, (size_t)n * sizeof out.v[0]);
    } else {
        word_block words;
        const int32_t *w = random_words(args.key, args.start + first + start, n, words);
        for (int i = 0; i < n; i += kLanes) store_f32(out.v + i, uniform(load_i32(w + i)));
    }
    for (int i = n; i % 32; i++) out.v[i] = 2.0f;
}

// Keeps what is kept whatever its rank is, and lists what depends on it.
static void compare_row(ranked_row &row, int64_t first) {
    const F lowest = splat<F>(row.probability(0.0f));
    const F highest = splat<F>(row.probability((float)(row.n - 1)));
    row.open_count = 0;
    float_block drawn;
    for (int64_t start = 0; start < row.n; start += kBlock) {
        const int n = block_length(row.n, start);
        draw_block(row, first, start, n, drawn);
        for (int i = 0; i < n; i += 32) {
            uint32_t word = 0;
            for (int v = 0; v < 32; v += kLanes) {
                const F u = load_f32(drawn.v + i + v);
                const M keeps = greater(lowest, u);
                const M depends = without(greater(highest, u), keeps);
                word |= mask_bits(keeps) << v;
                compress_store((int32_t *)row.drawn + row.open_count, bits(u), depends);
                row.open_count += compress_store(row.open + row.open_count,
                                                 add(iota(), splat<I>((int32_t)start + i + v)), depends);
            }
            row.kept[(start + i) >> 5] = word;
        }
    }
}

// Decides what the ranks at both ends of an element's bin decide.
static void decide_by_bins(ranked_row &row) {
    for (int b = 0; b <= row.bins.count; b++) row.least[b] = row.probability((float)row.bins.first[b]);
    int64_t left = 0;
    for (int64_t k = 0; k < row.open_count; k++) {
        const int32_t i = row.open[k];
        const float u = row.drawn[k];
        const int b = row.bins.bin[i];
        const bool keeps = row.least[b] > u;
        row.keep_if(keeps, i);
        row.open[left] = i;
        row.drawn[left] = u;
        left += !keeps & (row.least[b + 1] > u);
    }
    row.open_count = left;
}

// How many elements are smaller than element i, or equal and before it.
static int64_t rank_among_all(const ranked_row &row, int32_t i) {
    const float *all = row.magnitudes;
    const F x = splat<F>(all[i]);
    const int64_t own = i - i % kLanes;
    const int64_t end = whole_vectors(row.n);
    int64_t rank = count_matches(all, 0, own, [=](F other) { return greater_equal(x, other); });
    rank += count_matches(all, own, end, [=](F other) { return greater(x, other); });
    for (int64_t before = own; before < i; before++) rank += all[before] == all[i];
    // Not counting the zeros behind the row.
    return rank - (all[i] > 0.0f ? end - row.n : 0);
}

// Whether the elements of element i's bin are all equal. Asked of large bins only; the others count as mixed.
static bool is_same(ranked_row &row, int32_t i) {
    const int b = row.bins.bin[i];
    if (row.bins.size(b) < row.n / kLargeBin) return false;
    if (row.sameness[b] == kUnknown) {
        const F x = splat<F>(row.magnitudes[i]);
        // Zeros have a bin of their own, and those behind the row are none of it.
        const bool same = b == 0 || count_matches(row.magnitudes, 0, whole_vectors(row.n), [=](F other) {
            return equal(x, other);
        }) == row.bins.size(b);
        row.sameness[b] = same ? kSame : kMixed;
    }
    return row.sameness[b] == kSame;
}

// Decides the rest by exact ranks. False if that takes too many looks; what has been decided stays.
static bool decide_by_ranks(ranked_row &row) {
    memset(row.sameness, kUnknown, (size_t)row.bins.count);
    int64_t looks = kMostLooks * row.n;
    for (int64_t k = 0; k < row.open_count; k++) {
        const int32_t i = row.open[k];
        int64_t rank;
        if (is_same(row, i)) {
            rank = row.bins.rank(i);
        } else {
            looks -= row.n / kLanes;
            if (looks < 0) return false;
            rank = rank_among_all(row, i);
        }
        row.keep_if(row.probability((float)rank) > row.drawn[k], i);
    }
    return true;
}

// For rows that are not finite, or have many different values in few bins.
static void decide_by_sorting(ranked_row &row) {
    for (int64_t i = 0; i < row.n; i++) {
        row.pairs[i] = (uint64_t)magnitude_key(row.magnitudes[i]) << 32 | (uint64_t)i;
    }
    const uint64_t *sorted = sort_pairs(row.pairs, row.other, row.n);
    int32_t *ranks = (int32_t *)(sorted == row.pairs ? row.other : row.pairs);
    for (int64_t rank = 0; rank < row.n; rank++) ranks[sorted[rank] & 0xffffffffu] = (int32_t)rank;
    for (int64_t k = 0; k < row.open_count; k++) {
        const int32_t i = row.open[k];
        row.keep_if(row.probability((float)ranks[i]) > row.drawn[k], i);
    }
}

static double *sum_row(const ranked_row &row, double *sums) {
    for (int64_t start = 0; start < row.n; start += INGOT_CHUNK) {
        const int64_t left = row.n - start;
        accumulators both[2] = {};
        add_magnitudes(row.magnitudes + start, keep_bits{row.kept + start / 32}, (int)(left < INGOT_CHUNK ? left : INGOT_CHUNK), both);
        *sums++ = fold(both[0]);
        *sums++ = fold(both[1]);
    }
    return sums;
}

static void ranked_mask(const ingot_ranked_mask_args &args) {
    ranked_row row(args);
    double *sums = args.sums;
    for (int64_t first = 0; first < args.count; first += args.row_length) {
        const int32_t most = load_magnitudes(args.base, args.model, first, row.n, row.magnitudes);
        compare_row(row, first);
        const bool binned = most < 0x7f800000 && make_bins(row.bins, row.magnitudes, row.n, 0.0f, from_bits(most), row.n / 8);
        if (binned) decide_by_bins(row);
        if (!binned || !decide_by_ranks(row)) decide_by_sorting(row);
        put_bits(row.kept, row.n, (unsigned char *)args.bits, first);
        sums = sum_row(row, sums);
    }
}

}  // namespace INGOT_NAMESPACE

#endif

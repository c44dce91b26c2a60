// SPDX-License-Identifier: Apache-2.0
//
// Masks that keep an element with a probability that rises with the rank of its magnitude within the row. Nobody sorts: a
// number outside of the range of probabilities decides alone, and a histogram of the row bounds the ranks of the others. The
// few whose bounds do not decide are ranked among the elements of their bin, which are equal where many lie in it.
#ifndef INGOT_KERNELS_RANKED_MASK_H
#define INGOT_KERNELS_RANKED_MASK_H

#include "reductions.h"
#include "sort_pairs.h"

namespace INGOT_NAMESPACE {

constexpr int kMostBins = 4096;
// Looks at elements of bins, for each element of the row, from which on sorting is cheaper.
constexpr int64_t kMostLooks = 16;
// What vectors may touch beyond a row.
constexpr int64_t kRowSlack = 64;

enum : uint8_t { kUnknown, kSame, kMixed };

struct ranked_row {
    const ingot_ranked_mask_args &args;
    const int64_t n;
    // To sort: two lists of pairs of key and index. In place of the first, where nothing is sorted: how many elements of the
    // same bin come before, and the elements by bin.
    uint64_t *pairs, *other;
    int32_t *place, *members;
    float *magnitudes;
    uint16_t *bin;
    uint32_t *kept;
    // Elements that are not decided yet, in order, and their random numbers.
    int32_t *open;
    float *drawn;
    int64_t open_count = 0;
    int bins = 0;
    // For each bin, the rank of its first element, and the probability that goes with this rank.
    int32_t ranks[kMostBins + 1];
    float least[kMostBins + 1];
    // For each bin, whether all of its elements are equal.
    uint8_t sameness[kMostBins];

    explicit ranked_row(const ingot_ranked_mask_args &a) : args(a), n(a.row_length) {
        const int64_t room = n + kRowSlack;
        pairs = a.scratch;
        other = pairs + room;
        place = (int32_t *)pairs;
        members = place + room;
        magnitudes = (float *)(other + room);
        bin = (uint16_t *)(magnitudes + room);
        kept = (uint32_t *)(bin + room);
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

struct magnitude_loop {
    const float *base;
    float *out;

    template <class T>
    void run(const char *p, int n) const {
        const float *b = base;
        float *to = out;
        for_each_vector<T>(p, n, [=](int i, F x) { store_f32(to + i, magnitude(sub(x, load_f32(b + i)))); });
    }
};

// The magnitudes of the row that starts at this element of the tile, then zeros; returns the largest one's bits.
static int32_t load_row(ranked_row &row, int64_t first) {
    float_block base;
    for (int64_t start = 0; start < row.n; start += kBlock) {
        const int n = block_length(row.n, start);
        widen_block(row.args.base, first + start, n, base);
        with_block(row.args.model, first + start, n, magnitude_loop{base.v, row.magnitudes + start});
    }
    for (int i = 0; i < kAccumulators; i++) row.magnitudes[row.n + i] = 0.0f;
    I most = splat<I>(0);
    for (int64_t i = 0; i < row.n; i += kLanes) most = maximum(most, bits(load_f32(row.magnitudes + i)));
    return largest_lane(most);
}

// Counts the elements in bins of equal width between zero and the largest magnitude. False if it is too small to divide by.
static bool count_bins(ranked_row &row, float most) {
    if (most != 0.0f && most < 1e-30f) return false;
    row.bins = row.n >= 2 * kMostBins ? kMostBins : (int)(row.n / 2 + 1);
    const float scale = most == 0.0f ? 0.0f : (float)(row.bins - 1) / most;
    const float *magnitudes = row.magnitudes;
    uint16_t *bin = row.bin;
    for (int64_t i = 0; i < row.n; i++) bin[i] = (uint16_t)(int32_t)(magnitudes[i] * scale);
    memset(row.ranks, 0, (size_t)(row.bins + 1) * sizeof row.ranks[0]);
    for (int64_t i = 0; i < row.n; i++) row.place[i] = row.ranks[bin[i]]++;
    int32_t rank = 0;
    for (int b = 0; b <= row.bins; b++) {
        const int32_t here = row.ranks[b];
        row.ranks[b] = rank;
        rank += here;
    }
    for (int b = 0; b <= row.bins; b++) row.least[b] = row.probability((float)row.ranks[b]);
    return true;
}

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
    int64_t left = 0;
    for (int64_t k = 0; k < row.open_count; k++) {
        const int32_t i = row.open[k];
        const float u = row.drawn[k];
        const int b = row.bin[i];
        const bool keeps = row.least[b] > u;
        row.keep_if(keeps, i);
        row.open[left] = i;
        row.drawn[left] = u;
        left += !keeps & (row.least[b + 1] > u);
    }
    row.open_count = left;
}

// Decides the rest by ranks among the elements of its bin. False if that takes too many looks; what has been decided stays.
static bool decide_in_bins(ranked_row &row) {
    if (row.open_count == 0) return true;
    for (int64_t i = 0; i < row.n; i++) row.members[row.ranks[row.bin[i]] + row.place[i]] = (int32_t)i;
    memset(row.sameness, 0, (size_t)row.bins);
    int64_t looks = kMostLooks * row.n;
    for (int64_t k = 0; k < row.open_count; k++) {
        const int32_t i = row.open[k];
        const int b = row.bin[i];
        const int32_t *members = row.members + row.ranks[b];
        const int32_t count = row.ranks[b + 1] - row.ranks[b];
        const float x = row.magnitudes[i];
        if (row.sameness[b] == kUnknown) {
            int32_t m = 0;
            while (m < count && row.magnitudes[members[m]] == x) m++;
            row.sameness[b] = m == count ? kSame : kMixed;
            looks -= count;
        }
        int32_t rank = row.place[i];
        if (row.sameness[b] == kMixed) {
            looks -= count;
            rank = 0;
            for (int32_t m = 0; m < count; m++) {
                const float other = row.magnitudes[members[m]];
                rank += (other < x) | ((other == x) & (members[m] < i));
            }
        }
        if (looks < 0) return false;
        row.keep_if(row.probability((float)(row.ranks[b] + rank)) > row.drawn[k], i);
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

// Replaces bits at to at + n by bits 0 to n.
static void put_bits(const uint32_t *bits, int64_t n, unsigned char *to, int64_t at) {
    const unsigned char *from = (const unsigned char *)bits;
    unsigned char *p = to + (at >> 3);
    const int shift = (int)(at & 7);
    const int64_t whole = shift == 0 ? n >> 3 : 0;
    memcpy(p, from, (size_t)whole);
    for (int64_t i = whole; 8 * i < n; i++) {
        const unsigned mine = (n - 8 * i < 8 ? (1u << (n - 8 * i)) - 1 : 0xffu) << shift;
        const unsigned value = (unsigned)from[i] << shift & mine;
        p[i] = (unsigned char)((p[i] & ~mine) | value);
        if (mine >> 8) p[i + 1] = (unsigned char)((p[i + 1] & ~(mine >> 8)) | value >> 8);
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
        const int32_t most = load_row(row, first);
        compare_row(row, first);
        const bool counted = most < 0x7f800000 && count_bins(row, from_bits(most));
        if (counted) decide_by_bins(row);
        if (!counted || !decide_in_bins(row)) decide_by_sorting(row);
        put_bits(row.kept, row.n, (unsigned char *)args.bits, first);
        sums = sum_row(row, sums);
    }
}

}  // namespace INGOT_NAMESPACE

#endif

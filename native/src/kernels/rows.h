// SPDX-License-Identifier: Apache-2.0
//
// Rows of magnitudes: what kernels share that look at whole rows.
#ifndef INGOT_KERNELS_ROWS_H
#define INGOT_KERNELS_ROWS_H

#include "block.h"
#include "ingot/math/delta.h"

namespace INGOT_NAMESPACE {

// What vectors may touch beyond a row.
constexpr int64_t kRowSlack = 64;

INGOT_FN int64_t whole_vectors(int64_t n) { return (n + kLanes - 1) / kLanes * kLanes; }

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

// The magnitudes |model - base| of n elements from `first` on, then 16 zeros; returns the largest one's bits.
static int32_t load_magnitudes(const ingot_operand &base, const ingot_operand &model, int64_t first, int64_t n,
                               float *magnitudes) {
    float_block wide;
    for (int64_t start = 0; start < n; start += kBlock) {
        const int count = block_length(n, start);
        widen_block(base, first + start, count, wide);
        with_block(model, first + start, count, magnitude_loop{wide.v, magnitudes + start});
    }
    for (int i = 0; i < 16; i++) magnitudes[n + i] = 0.0f;
    I most = splat<I>(0);
    for (int64_t i = 0; i < n; i += kLanes) most = maximum(most, bits(load_f32(magnitudes + i)));
    return largest_lane(most);
}

// Vectors that are looked at together: each counts on its own.
constexpr int kLooks = 4;

// How many of the elements from `from` to `to`, which are whole vectors, match.
template <class Match>
INGOT_FN int64_t count_matches(const float *all, int64_t from, int64_t to, const Match &match) {
    I counts[kLooks];
    for (I &count : counts) count = splat<I>(0);
    int64_t v = from;
    for (; v + kLooks * kLanes <= to; v += kLooks * kLanes) {
        for (int j = 0; j < kLooks; j++) counts[j] = count_lanes(counts[j], match(load_f32(all + v + j * kLanes)));
    }
    for (; v < to; v += kLanes) counts[0] = count_lanes(counts[0], match(load_f32(all + v)));
    for (int j = 1; j < kLooks; j++) counts[0] = add(counts[0], counts[j]);
    return sum_lanes(counts[0]);
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

}  // namespace INGOT_NAMESPACE

#endif

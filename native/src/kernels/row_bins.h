// SPDX-License-Identifier: Apache-2.0
//
// The elements of a row in bins of equal width by value. Deltas of models in 16 bits have few different values, so that most
// bins hold one value only: there an element's rank is its place in the bin, and nobody has to sort.
#ifndef INGOT_KERNELS_ROW_BINS_H
#define INGOT_KERNELS_ROW_BINS_H

#include "storage.h"

namespace INGOT_NAMESPACE {

constexpr int kMostBins = 2048;
// A row is counted in four parts side by side, as equal neighbours would wait for each other's increment in one table.
constexpr int kRowParts = 4;
// From one part's table to the next: not a multiple of 4096 bytes, so that no store is taken for one to a load of another.
constexpr int kTableLength = kMostBins + 48;

struct row_bins {
    // The caller's, one entry per element: the bin, and how many elements of this bin come before in the part of the row.
    uint16_t *bin;
    int32_t *place;
    int count;
    // Elements of a part.
    int64_t part;
    // The rank of the first element of each bin. In the end an entry for the number of elements.
    int32_t first[kMostBins + 1];
    // The elements of each bin in the parts before.
    int32_t before[kRowParts][kTableLength];

    // The rank of an element among the row's, if its bin holds one value.
    INGOT_FN int32_t rank(int64_t i) const { return first[bin[i]] + before[i / part][bin[i]] + place[i]; }
    INGOT_FN int32_t size(int b) const { return first[b + 1] - first[b]; }
};

// The bins of values from low to high; the lowest value has one of its own.
static void find_bins(row_bins &bins, const float *values, int64_t n, float low, float high, int64_t most) {
    const int64_t wanted = most < kMostBins ? most : kMostBins;
    bins.count = (int)(wanted < 3 ? 3 : wanted);
    const float scale = high == low ? 0.0f : (float)(bins.count - 2) / (high - low);
    uint16_t *bin = bins.bin;
    for (int64_t i = 0; i < n; i++) bin[i] = (uint16_t)((int32_t)((values[i] - low) * scale) + (values[i] > low));
}

static void count_elements(row_bins &bins, int64_t n) {
    int32_t (*counts)[kTableLength] = bins.before;
    for (int p = 0; p < kRowParts; p++) memset(counts[p], 0, (size_t)bins.count * sizeof counts[p][0]);
    const int64_t part = bins.part = (n + kRowParts - 1) / kRowParts;
    const uint16_t *bin = bins.bin;
    int32_t *place = bins.place;
    const int64_t shortest = n > (kRowParts - 1) * part ? n - (kRowParts - 1) * part : 0;
    for (int64_t i = 0; i < shortest; i++) {
        for (int p = 0; p < kRowParts; p++) place[p * part + i] = counts[p][bin[p * part + i]]++;
    }
    for (int p = 0; p < kRowParts - 1; p++) {
        for (int64_t i = p * part + shortest; i < (p + 1) * part && i < n; i++) place[i] = counts[p][bin[i]]++;
    }
    for (int b = 0; b < bins.count; b++) {
        int32_t before = 0;
        for (int p = 0; p < kRowParts; p++) {
            const int32_t here = counts[p][b];
            counts[p][b] = before;
            before += here;
        }
        bins.first[b] = before;
    }
    int32_t rank = 0;
    for (int b = 0; b < bins.count; b++) {
        const int32_t here = bins.first[b];
        bins.first[b] = rank;
        rank += here;
    }
    bins.first[bins.count] = rank;
}

// Bins and places of n finite values from low to high. False if these are too close together, or too far apart.
static bool make_bins(row_bins &bins, const float *values, int64_t n, float low, float high, int64_t most) {
    const float width = high - low;
    if (width != 0.0f && !(width >= 1e-30f && width - width == 0.0f)) return false;
    find_bins(bins, values, n, low, high, most);
    count_elements(bins, n);
    return true;
}

}  // namespace INGOT_NAMESPACE

#endif

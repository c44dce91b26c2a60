// SPDX-License-Identifier: Apache-2.0
//
// Histograms with more bins than fit into shared memory. Keys crowd in few bins, on which atomic additions would queue
// up: a block counts in a small table first.
#ifndef INGOT_BIN_COUNTER_CUH
#define INGOT_BIN_COUNTER_CUH

#include "vector.cuh"

namespace INGOT_NAMESPACE {

// Bins that differ in their lowest bits have places of their own; of those that share a place one gets it, whichever,
// and the others are added to the result one by one. So the sums do not depend on who comes first.
struct bin_table {
    static constexpr int places = 4096;
    int32_t owner[places];
    uint32_t count[places];
};

// The bin of a key for a prefix, see ingot_select_histogram_args; -1 if it has none.
INGOT_DEVICE int32_t bin_of(int32_t key, int32_t prefix) {
    if (key < 0) return -1;
    if (prefix < 0) return key >> 15;
    return key >> 15 == prefix ? key & 0x7fff : -1;
}

// Adds the bins of all threads of the block, n of each, -1 standing for none. All threads call it, once.
template <int n>
INGOT_DEVICE void add_bins(const int32_t (&bins)[n], bin_table &table, int64_t *result) {
    const int thread = (int)threadIdx.x, threads = (int)blockDim.x;
    for (int i = thread; i < bin_table::places; i += threads) table.count[i] = 0;
#pragma unroll
    for (int i = 0; i < n; i++) {
        if (bins[i] >= 0) table.owner[bins[i] & (bin_table::places - 1)] = bins[i];
    }
    __syncthreads();
#pragma unroll
    for (int i = 0; i < n; i++) {
        if (bins[i] < 0) continue;
        const int place = bins[i] & (bin_table::places - 1);
        if (table.owner[place] == bins[i]) {
            atomicAdd(&table.count[place], 1u);
        } else {
            atomicAdd((unsigned long long *)(result + bins[i]), 1ull);
        }
    }
    __syncthreads();
    for (int i = thread; i < bin_table::places; i += threads) {
        if (table.count[i]) {
            atomicAdd((unsigned long long *)(result + table.owner[i]), (unsigned long long)table.count[i]);
        }
    }
}

}  // namespace INGOT_NAMESPACE

#endif

// SPDX-License-Identifier: Apache-2.0
//
// Sums over the threads of a warp and of a block.
#ifndef INGOT_BLOCK_SCAN_CUH
#define INGOT_BLOCK_SCAN_CUH

#include "vector.cuh"

namespace INGOT_NAMESPACE {

constexpr unsigned kAllLanes = 0xffffffffu;

// The sum up to the calling lane, its own value included.
template <class T>
INGOT_DEVICE T warp_inclusive_sum(T value) {
    const int lane = (int)threadIdx.x & 31;
#pragma unroll
    for (int distance = 1; distance < 32; distance *= 2) {
        const T before = __shfl_up_sync(kAllLanes, value, distance);
        if (lane >= distance) value += before;
    }
    return value;
}

// In all lanes.
INGOT_DEVICE uint32_t warp_sum(uint32_t value) {
#if __CUDA_ARCH__ >= 800
    return __reduce_add_sync(kAllLanes, value);
#else
#pragma unroll
    for (int distance = 16; distance > 0; distance /= 2) value += __shfl_xor_sync(kAllLanes, value, distance);
    return value;
#endif
}

// The sum over the threads before the calling one, and over all. All threads call it; warp_totals is shared memory that
// nobody uses meanwhile and may be used again after a barrier.
template <int threads>
struct block_prefix {
    int64_t before, total;

    INGOT_DEVICE block_prefix(long long value, long long (&warp_totals)[threads / 32]) {
        const int warp = (int)threadIdx.x / 32;
        const long long inclusive = warp_inclusive_sum(value);
        if ((threadIdx.x & 31) == 31) warp_totals[warp] = inclusive;
        __syncthreads();
        before = inclusive - value;
        total = 0;
        for (int w = 0; w < threads / 32; w++) {
            if (w < warp) before += warp_totals[w];
            total += warp_totals[w];
        }
    }
};

}  // namespace INGOT_NAMESPACE

#endif

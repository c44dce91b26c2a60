// SPDX-License-Identifier: Apache-2.0
//
// Histogram and count of keys that a scan has collected.
#include "bin_counter.cuh"
#include "block_scan.cuh"

namespace INGOT_NAMESPACE {

static_assert(INGOT_GPU_KEY_HISTOGRAM_THREADS * 32 == INGOT_GPU_KEY_HISTOGRAM_ELEMENTS &&
                  INGOT_GPU_COUNT_EQUAL_THREADS * 32 == INGOT_GPU_COUNT_EQUAL_ELEMENTS,
              "keys_of_thread reads 32 keys");

// 32 keys of the block's share, in no order that matters; -1 behind the end.
INGOT_DEVICE void keys_of_thread(const ingot_gpu_keys_args &args, int32_t (&keys)[32]) {
    const int64_t first = ((int64_t)blockIdx.x * 8 * blockDim.x + threadIdx.x) * 4;
#pragma unroll
    for (int i = 0; i < 8; i++) {
        const int64_t index = first + (int64_t)i * 4 * blockDim.x;
        const int4 four = index < args.count ? __ldg((const int4 *)(args.keys + index)) : make_int4(-1, -1, -1, -1);
        keys[4 * i] = four.x;
        keys[4 * i + 1] = index + 1 < args.count ? four.y : -1;
        keys[4 * i + 2] = index + 2 < args.count ? four.z : -1;
        keys[4 * i + 3] = index + 3 < args.count ? four.w : -1;
    }
}

}  // namespace INGOT_NAMESPACE

INGOT_KERNEL_RESIDENT(ingot_gpu_key_histogram, ingot_gpu_keys_args, INGOT_GPU_KEY_HISTOGRAM_THREADS, 2) {
    using namespace INGOT_NAMESPACE;
    __shared__ bin_table table;
    int32_t bins[32];
    keys_of_thread(args, bins);
#pragma unroll
    for (int i = 0; i < 32; i++) bins[i] = bin_of(bins[i], args.prefix);
    add_bins(bins, table, args.result);
}

INGOT_KERNEL(ingot_gpu_count_equal, ingot_gpu_keys_args, INGOT_GPU_COUNT_EQUAL_THREADS) {
    using namespace INGOT_NAMESPACE;
    int32_t keys[32];
    keys_of_thread(args, keys);
    unsigned found = 0;
#pragma unroll
    for (int i = 0; i < 32; i++) found += keys[i] == args.key && keys[i] >= 0;
    found = warp_sum(found);
    if ((threadIdx.x & 31) == 0 && found) atomicAdd((unsigned long long *)args.result, (unsigned long long)found);
}

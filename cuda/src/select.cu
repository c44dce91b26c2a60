// SPDX-License-Identifier: Apache-2.0
//
// The other steps of exact selection: sampled keys, histograms of the keys of deltas, the position of a tie.
#include "bin_counter.cuh"
#include "block_scan.cuh"
#include "select_keys.cuh"

namespace INGOT_NAMESPACE {

// One element; unlike vectors it may lie anywhere.
INGOT_DEVICE float element(const ingot_operand &operand, int64_t index) {
    float result = 0.0f;
    with_storage(operand.dtype, [&](auto storage) {
        using T = decltype(storage);
        const char *p = (const char *)operand.data + index * T::bytes;
        uint32_t word[2] = {};
        if constexpr (T::bytes == 8) {
            const uint2 both = __ldg((const uint2 *)p);
            word[0] = both.x;
            word[1] = both.y;
        } else if constexpr (T::bytes == 4) {
            word[0] = __ldg((const unsigned *)p);
        } else if constexpr (T::bytes == 2) {
            word[0] = __ldg((const unsigned short *)p);
        } else {
            word[0] = __ldg((const unsigned char *)p);
        }
        result = T::get(word, 0);
    });
    return result;
}

constexpr int kNthThreads = INGOT_GPU_SELECT_NTH_EQUAL_THREADS;
static_assert(kNthThreads * 32 == INGOT_GPU_SELECT_SCAN_ELEMENTS, "a thread has a bit for each of its elements");

constexpr int kHistogramThreads = INGOT_GPU_SELECT_HISTOGRAM_THREADS;
constexpr int kHistogramKeys = INGOT_GPU_SELECT_HISTOGRAM_ELEMENTS / kHistogramThreads;

}  // namespace INGOT_NAMESPACE

INGOT_KERNEL(ingot_gpu_select_sample, ingot_select_sample_args, INGOT_GPU_SELECT_SAMPLE_THREADS) {
    using namespace INGOT_NAMESPACE;
    const int64_t i = (int64_t)blockIdx.x * INGOT_GPU_SELECT_SAMPLE_ELEMENTS + threadIdx.x;
    if (i >= args.count) return;
    const int64_t position = __ldg((const long long *)args.positions + i);
    args.keys[i] = magnitude_key(sub(element(args.model, position), element(args.base, position)));
}

INGOT_KERNEL_RESIDENT(ingot_gpu_select_histogram, ingot_select_histogram_args, INGOT_GPU_SELECT_HISTOGRAM_THREADS, 2) {
    using namespace INGOT_NAMESPACE;
    __shared__ bin_table table;
    int32_t bins[kHistogramKeys];
    const int64_t first =
        (int64_t)blockIdx.x * INGOT_GPU_SELECT_HISTOGRAM_ELEMENTS + (int64_t)threadIdx.x * INGOT_GPU_VECTOR;
#pragma unroll
    for (int v = 0; v < kHistogramKeys / INGOT_GPU_VECTOR; v++) {
        int32_t keys[INGOT_GPU_VECTOR];
        keys_at(args.base, args.model, first + v * kHistogramThreads * INGOT_GPU_VECTOR, args.count, keys);
#pragma unroll
        for (int e = 0; e < INGOT_GPU_VECTOR; e++) bins[v * INGOT_GPU_VECTOR + e] = bin_of(keys[e], args.prefix);
    }
    add_bins(bins, table, args.bins);
}

INGOT_KERNEL(ingot_gpu_select_nth_equal, ingot_gpu_nth_args, INGOT_GPU_SELECT_NTH_EQUAL_THREADS) {
    using namespace INGOT_NAMESPACE;
    __shared__ long long warp_totals[kNthThreads / 32];
    if (args.count <= 0) {
        if (threadIdx.x == 0) *args.position = -1;
        return;
    }
    const int64_t first = args.first + (int64_t)threadIdx.x * 32;
    uint32_t equal = 0;
#pragma unroll
    for (int v = 0; v < 4; v++) {
        int32_t keys[INGOT_GPU_VECTOR];
        keys_at(args.base, args.model, first + v * INGOT_GPU_VECTOR, args.first + args.count, keys);
#pragma unroll
        for (int e = 0; e < INGOT_GPU_VECTOR; e++) {
            equal |= keys[e] == args.key && keys[e] != kNoKey ? 1u << (v * INGOT_GPU_VECTOR + e) : 0;
        }
    }
    const block_prefix<kNthThreads> found(__popc(equal), warp_totals);
    if (threadIdx.x == 0 && found.total < args.nth) *args.position = -1;
    int64_t left = args.nth - found.before;
    if (left < 1 || left > __popc(equal)) return;
    while (--left > 0) equal &= equal - 1;
    *args.position = first + __ffs((int)equal) - 1;
}

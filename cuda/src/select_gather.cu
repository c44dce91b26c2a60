// SPDX-License-Identifier: Apache-2.0
//
// The second and third kernel of a scan: from the blocks' counts and keys to those of the terms.
#include "block_scan.cuh"

namespace INGOT_NAMESPACE {

constexpr int kTotalsThreads = INGOT_GPU_SELECT_TOTALS_THREADS;

}  // namespace INGOT_NAMESPACE

INGOT_KERNEL(ingot_gpu_select_totals, ingot_gpu_scan_args, INGOT_GPU_SELECT_TOTALS_THREADS) {
    using namespace INGOT_NAMESPACE;
    __shared__ long long warp_totals[4][kTotalsThreads / 32];
    const int64_t term = blockIdx.x;
    const uint4 *const counts = (const uint4 *)(args.counts + term * args.blocks);
    int64_t *const places = args.places + term * args.blocks;
    // A thread has neighbouring blocks, so that the block needs one prefix sum however many there are.
    const int64_t share = (args.blocks + kTotalsThreads - 1) / kTotalsThreads;
    const int64_t first = share * threadIdx.x;
    const int64_t end = first + share < args.blocks ? first + share : args.blocks;
    long long above = 0, at_high = 0, inside = 0, at_low = 0;
#pragma unroll 8
    for (int64_t block = first; block < end; block++) {
        const uint4 of_block = __ldg(counts + block);
        above += of_block.x;
        at_high += of_block.y;
        inside += of_block.z;
        at_low += of_block.w;
    }
    const block_prefix<kTotalsThreads> all_above(above, warp_totals[0]);
    const block_prefix<kTotalsThreads> all_at_high(at_high, warp_totals[1]);
    const block_prefix<kTotalsThreads> all_inside(inside, warp_totals[2]);
    const block_prefix<kTotalsThreads> all_at_low(at_low, warp_totals[3]);
    int64_t place = all_inside.before;
#pragma unroll 8
    for (int64_t block = first; block < end; block++) {
        places[block] = place;
        place += __ldg(&counts[block].z);
    }
    if (threadIdx.x == 0) {
        ingot_select_term &result = args.terms[term];
        result.above = all_above.total;
        result.at_high = all_at_high.total;
        result.inside = all_inside.total;
        result.at_low = all_at_low.total;
    }
}

INGOT_KERNEL(ingot_gpu_select_gather, ingot_gpu_scan_args, INGOT_GPU_SELECT_GATHER_THREADS) {
    using namespace INGOT_NAMESPACE;
    const ingot_select_term &term = args.terms[blockIdx.y];
    const int64_t block = blockIdx.y * args.blocks + blockIdx.x;
    const int64_t place = args.places[block];
    const int64_t room = term.capacity - place;
    const int64_t inside = args.counts[block].inside;
    const int32_t *const from = args.staged + block * INGOT_GPU_SELECT_SCAN_ELEMENTS;
    int32_t *const to = term.candidates + place;
    for (int64_t i = threadIdx.x; i < inside && i < room; i += INGOT_GPU_SELECT_GATHER_THREADS) to[i] = __ldg(from + i);
}

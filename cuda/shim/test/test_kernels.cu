// SPDX-License-Identifier: Apache-2.0
//
// Small kernels that test the shim: right ones and wrong ones.
#include "kernel.cuh"

#include "../shim/test/test_kernels.h"

#define ALL_LANES 0xFFFFFFFFu

static __device__ __forceinline__ int64_t global_index() {
    return (int64_t)blockIdx.x * blockDim.x + threadIdx.x;
}

static __device__ __forceinline__ int in_block() {
    return (int)(threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z));
}

// --- right -----------------------------------------------------------------------------------------------------------

INGOT_KERNEL(test_increment, test_args, 1024) {
    const int64_t i = global_index();
    if (i < args.count) args.out[i] = args.in[i] + 1;
}

INGOT_KERNEL(test_vectors, test_args, 256) {
    const int64_t i = global_index();
    if (4 * i >= args.count) return;
    int4 v = __ldcs((const int4 *)args.in + i);
    v.w = -v.w;
    __stcs((int4 *)args.out + i, v);
}

// Each thread's number within the grid, at that place.
INGOT_KERNEL(test_numbers, test_args, 1024) {
    const int64_t block = blockIdx.x + (int64_t)gridDim.x * (blockIdx.y + (int64_t)gridDim.y * blockIdx.z);
    const int64_t i = block * (blockDim.x * blockDim.y * blockDim.z) + in_block();
    args.out[i] = (int32_t)i;
}

// Reverses each block through shared memory, many times over.
INGOT_KERNEL(test_reverse, test_args, 1024) {
    __shared__ int32_t values[1024];
    const int n = (int)blockDim.x, t = (int)threadIdx.x;
    int32_t mine = args.in[global_index()];
    for (int round = 0; round < 3; round++) {
        values[t] = mine;
        __syncthreads();
        mine = values[n - 1 - t];
        __syncthreads();
    }
    args.out[global_index()] = mine;
}

INGOT_KERNEL(test_block_votes, test_args, 1024) {
    const int t = (int)threadIdx.x;
    const int count = __syncthreads_count(t % 3 == 0);
    const int all = __syncthreads_and(t < (int)args.count);
    const int any = __syncthreads_or(t == (int)args.choice);
    args.out[global_index()] = count * 4 + all * 2 + any;
}

// One collective of the warp per choice; out[thread] is what it gave.
INGOT_KERNEL(test_warp, test_args, 64) {
    const int t = (int)threadIdx.x, lane = t % 32;
    const int32_t x = args.in[t];
    int32_t y = 0;
    switch (args.choice) {
        case 0: y = __shfl_sync(ALL_LANES, x, lane + 5); break;
        case 1: y = __shfl_up_sync(ALL_LANES, x, 3); break;
        case 2: y = __shfl_down_sync(ALL_LANES, x, 3); break;
        case 3: y = __shfl_xor_sync(ALL_LANES, x, 17); break;
        case 4: y = __shfl_sync(ALL_LANES, x, 11, 8); break;
        case 5: y = __shfl_up_sync(ALL_LANES, x, 3, 8); break;
        case 6: y = __shfl_down_sync(ALL_LANES, x, 3, 8); break;
        case 7: y = __shfl_xor_sync(ALL_LANES, x, 9, 8); break;
        case 8: y = (int32_t)__ballot_sync(ALL_LANES, x & 1); break;
        case 9: y = __any_sync(ALL_LANES, x == 40); break;
        case 10: y = __all_sync(ALL_LANES, x >= 32); break;
        case 11: y = (int32_t)__match_any_sync(ALL_LANES, x % 4); break;
        case 12: y = (int32_t)(__shfl_xor_sync(ALL_LANES, (int64_t)x << 33, 1) >> 33); break;
        // Halves of a warp that go different ways.
        case 13:
            y = lane < 16 ? __shfl_xor_sync(0xFFFFu, x, 1) : __shfl_xor_sync(0xFFFF0000u, x, 2);
            __syncwarp();
            break;
        default: break;
    }
    args.out[t] = y;
}

INGOT_KERNEL(test_atomics, test_args, 256) {
    const int32_t i = (int32_t)global_index();
    atomicAdd(&args.out[0], i);
    atomicMax(&args.out[1], i);
    atomicMin(&args.out[2], i);
    atomicOr((unsigned *)&args.out[3], 1u << (i % 32));
    atomicAdd((unsigned long long *)&args.out[4], 0x100000000ull);
    if (atomicCAS(&args.out[6], 0, i + 1) == 0) atomicExch(&args.out[7], i);
}

// Depends on the order on purpose: the ticket that each thread drew.
INGOT_KERNEL(test_ticket, test_args, 256) { args.out[global_index()] = atomicAdd(&args.out[args.count], 1); }

// What shared memory holds that nobody wrote.
INGOT_KERNEL(test_unwritten_shared, test_args, 32) {
    __shared__ int32_t values[32];
    args.out[global_index()] = values[threadIdx.x];
    __syncwarp();
    values[threadIdx.x] = 7;
}

// --- wrong, one way per choice ---------------------------------------------------------------------------------------

INGOT_KERNEL(test_wrong, test_args, 64) {
    __shared__ int32_t values[64];
    const int t = (int)threadIdx.x;
    values[t] = t;
    switch (args.choice) {
        // Half of the block never comes.
        case 0:
            if (t < 32) __syncthreads();
            break;
        // Two barriers that are not the same.
        case 1:
            if (t < 40) {
                __syncthreads();
            } else {
                __syncthreads();
            }
            break;
        // A lane has ended.
        case 2:
            if (t == 5) return;
            values[t] = __shfl_sync(ALL_LANES, t, 0);
            break;
        // A lane waits elsewhere.
        case 3:
            if (t == 5) {
                __syncthreads();
            } else {
                __syncwarp();
            }
            break;
        case 4: values[t] = __shfl_sync(0xFFFEu, t, 1); break;
        case 5:
            if (t % 32 < 16) values[t] = __shfl_sync(0xFFFFu, t, 20);
            break;
        case 6: values[t] = __shfl_sync(ALL_LANES, t, 0, 12); break;
        case 7: ((int4 *)(args.out + 1))->x = 1; break;
        case 8: values[t + (int)args.count] = 1; break;
        case 9: args.out[0] = 1 << args.count; break;
        // Behind the end.
        case 10: args.out[args.count] = 1; break;
        case 11: args.out[0] = args.in[args.count]; break;
        case 12: *(int32_t *)(args.count) = 1; break;
        default: break;
    }
    args.out[0] = values[63 - t];
}

// SPDX-License-Identifier: Apache-2.0
//
// What the reductions share. A warp has two chunks, a half-warp one each, a lane one of its chunk's 16 accumulators.
// Memory is read in vectors of neighbouring elements, but an accumulator wants every 16th: so a half-warp passes 128
// elements at a time through shared memory. Warps do not wait for each other.
#ifndef INGOT_CHUNK_SUMS_CUH
#define INGOT_CHUNK_SUMS_CUH

#include "operand_vector.cuh"

namespace INGOT_NAMESPACE {

constexpr int kChunkAccumulators = 16;
// Elements of a chunk that its half-warp stages at once, one vector per lane; steps of the accumulators that this is.
constexpr int kStageElements = kChunkAccumulators * INGOT_GPU_VECTOR;
constexpr int kStageSteps = kStageElements / kChunkAccumulators;

// Staged elements lie in quads (16 bytes): the even ones first, the odd ones behind them, so that both stores of a
// vector are contiguous in a warp. The gap lets the four quads of a step lie in different banks, and the step of the
// warp's other chunk in the other half of the banks.
constexpr int kOddQuads = 72;
constexpr int kStageFloats = 2 * kOddQuads;

// Staged values of one operand for both chunks of a warp.
struct stage_row {
    float values[2][kStageFloats];
};

// The part of the calling lane.
struct chunk_lane {
    int accumulator;
    // Which of the warp's chunks.
    int half;
    // Index of the chunk; of its first element; of the element behind its last, not above the count.
    int64_t chunk, first, end;
    // How many stages the longer of the warp's chunks has.
    int stages;

    INGOT_DEVICE explicit chunk_lane(int64_t count) {
        const int warp_lane = (int)threadIdx.x & 31;
        accumulator = warp_lane & (kChunkAccumulators - 1);
        half = warp_lane / kChunkAccumulators;
        const int64_t thread = (int64_t)blockIdx.x * blockDim.x + threadIdx.x;
        chunk = thread / kChunkAccumulators;
        first = chunk * INGOT_CHUNK;
        end = first + INGOT_CHUNK < count ? first + INGOT_CHUNK : count;
        const int64_t left = count - (chunk - half) * INGOT_CHUNK;
        stages = (int)((left < INGOT_CHUNK ? left : INGOT_CHUNK) + kStageElements - 1) / kStageElements;
    }

    INGOT_DEVICE bool has_chunk() const { return first < end; }

    // Index of the lane's vector in a stage.
    INGOT_DEVICE int64_t vector(int stage) const {
        return first + stage * kStageElements + accumulator * INGOT_GPU_VECTOR;
    }

    // Where to load from instead of behind the end, where nothing may be read; clear makes zeros of it.
    INGOT_DEVICE int64_t readable(int64_t index) const { return index < end ? index : 0; }

    // Elements behind the end become +0: adding that to a sum changes nothing.
    INGOT_DEVICE void clear(int64_t index, float (&x)[INGOT_GPU_VECTOR]) const {
        if (index + INGOT_GPU_VECTOR <= end) return;
#pragma unroll
        for (int i = 0; i < INGOT_GPU_VECTOR; i++) x[i] = index + i < end ? x[i] : 0.0f;
    }

    // Stores the lane's vector.
    INGOT_DEVICE void stage(stage_row &row, const float (&x)[INGOT_GPU_VECTOR]) const {
        float *to = row.values[half] + 4 * accumulator;
        *(float4 *)to = make_float4(x[0], x[1], x[2], x[3]);
        *(float4 *)(to + kOddQuads) = make_float4(x[4], x[5], x[6], x[7]);
    }

    // Where the lane's element of a step lies.
    INGOT_DEVICE float staged(const stage_row &row, int step) const {
        const int column = (accumulator & 3) + 4 * (accumulator >> 3) + kOddQuads * (accumulator >> 2 & 1);
        return row.values[half][column + 8 * step];
    }
};

// The chunk's sum, in the lane of its accumulator 0.
INGOT_DEVICE double folded(double sum) {
#pragma unroll
    for (int half = kChunkAccumulators / 2; half > 0; half /= 2) {
        sum = __dadd_rn(sum, __shfl_down_sync(0xffffffffu, sum, half, kChunkAccumulators));
    }
    return sum == sum ? sum : __longlong_as_double(0x7ff8000000000000ll);
}

}  // namespace INGOT_NAMESPACE

#endif

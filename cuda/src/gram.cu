// SPDX-License-Identifier: Apache-2.0
//
// Dot products of all pairs of inputs, or of their deltas. A row of blocks has the pairs of two groups of inputs, so an
// element is read and widened once for several products; two inputs without a base (slerp) have a path of their own.
#include "chunk_sums.cuh"

namespace INGOT_NAMESPACE {

constexpr int kGramWarps = INGOT_GPU_GRAM_THREADS / 32;
constexpr int kGramRows = INGOT_GPU_GRAM_ROWS;

// Which inputs a row of blocks multiplies: those of group row with those of group column <= row.
struct gram_groups {
    int row, column;

    INGOT_DEVICE explicit gram_groups(int index) {
        row = 0;
        while (index > row) index -= ++row;
        column = index;
    }
};

// rows inputs with themselves (diagonal), or with rows others. depth: stages that are loaded ahead.
template <class S, int rows, bool diagonal, bool with_base, int depth>
INGOT_DEVICE void gram_products(const ingot_gram_args &args, const gram_groups &groups,
                                                     stage_row *staged) {
    constexpr int inputs = diagonal ? rows : 2 * rows;
    constexpr int operands = inputs + with_base;
    constexpr int sums = diagonal ? rows * (rows + 1) / 2 : rows * rows;
    const chunk_lane lane(args.count);
    const bool based = with_base && args.base.data;
    ingot_operand operand[operands];
#pragma unroll
    for (int i = 0; i < inputs; i++) {
        // Places of the last group that have no input repeat the last one.
        const int input = i < rows ? groups.row * rows + i : groups.column * rows + i - rows;
        operand[i] = args.inputs[input < args.input_count ? input : args.input_count - 1];
    }
    if (with_base) operand[inputs] = based ? args.base : operand[0];

    typename S::raw ahead[depth][operands];
#pragma unroll
    for (int d = 0; d < depth; d++) {
#pragma unroll
        for (int i = 0; i < operands; i++) ahead[d][i] = S::load(operand[i], lane.readable(lane.vector(d)));
    }
    double sum[sums] = {};
    for (int first = 0; first < lane.stages; first += depth) {
#pragma unroll
        for (int d = 0; d < depth; d++) {
            const int64_t index = lane.vector(first + d);
            float base[INGOT_GPU_VECTOR] = {};
            if (based) S::widen(ahead[d][operands - 1], operand[operands - 1].dtype, base);
#pragma unroll
            for (int i = 0; i < inputs; i++) {
                float x[INGOT_GPU_VECTOR];
                S::widen(ahead[d][i], operand[i].dtype, x);
                if (with_base) subtract(base, x);
                lane.clear(index, x);
                lane.stage(staged[i], x);
            }
            const int64_t next = lane.readable(lane.vector(first + d + depth));
#pragma unroll
            for (int i = 0; i < operands; i++) ahead[d][i] = S::load(operand[i], next);
            __syncwarp();
#pragma unroll
            for (int step = 0; step < kStageSteps; step++) {
                double x[inputs];
#pragma unroll
                for (int i = 0; i < inputs; i++) x[i] = (double)lane.staged(staged[i], step);
                int pair = 0;
#pragma unroll
                for (int i = 0; i < rows; i++) {
#pragma unroll
                    for (int j = 0; j < (diagonal ? i + 1 : rows); j++, pair++) {
                        sum[pair] = __fma_rn(x[i], x[diagonal ? j : rows + j], sum[pair]);
                    }
                }
            }
            __syncwarp();
        }
    }

    double *const out = args.sums + lane.chunk * (args.input_count * (args.input_count + 1) / 2);
    int pair = 0;
#pragma unroll
    for (int i = 0; i < rows; i++) {
#pragma unroll
        for (int j = 0; j < (diagonal ? i + 1 : rows); j++, pair++) {
            const double total = folded(sum[pair]);
            const int row = groups.row * rows + i;
            const int column = groups.column * rows + j;
            if (lane.accumulator == 0 && lane.has_chunk() && row < args.input_count) {
                out[row * (row + 1) / 2 + column] = total;
            }
        }
    }
}

// The pairs of one group, or of two.
INGOT_DEVICE void gram_of_groups(const ingot_gram_args &args, stage_row *staged) {
    const gram_groups groups((int)blockIdx.y);
    if (groups.row == groups.column) {
        gram_products<any_vector, kGramRows, true, true, 1>(args, groups, staged);
    } else {
        gram_products<any_vector, kGramRows, false, true, 1>(args, groups, staged);
    }
}

// The three pairs of two inputs of one type, without a base.
template <class S, int depth>
INGOT_DEVICE void gram_of_two(const ingot_gram_args &args, stage_row *staged) {
    gram_products<S, 2, true, false, depth>(args, gram_groups(0), staged);
}

}  // namespace INGOT_NAMESPACE

INGOT_KERNEL_RESIDENT(ingot_gpu_gram, ingot_gram_args, INGOT_GPU_GRAM_THREADS, 6) {
    __shared__ ingot::stage_row rows[ingot::kGramWarps][2 * ingot::kGramRows];
    ingot::gram_of_groups(args, rows[threadIdx.x / 32]);
}

INGOT_KERNEL(ingot_gpu_gram_bf16, ingot_gram_args, INGOT_GPU_GRAM_THREADS) {
    __shared__ ingot::stage_row rows[ingot::kGramWarps][2];
    ingot::gram_of_two<ingot::bf16_vector, 4>(args, rows[threadIdx.x / 32]);
}

INGOT_KERNEL(ingot_gpu_gram_f16, ingot_gram_args, INGOT_GPU_GRAM_THREADS) {
    __shared__ ingot::stage_row rows[ingot::kGramWarps][2];
    ingot::gram_of_two<ingot::f16_vector, 4>(args, rows[threadIdx.x / 32]);
}

INGOT_KERNEL(ingot_gpu_gram_f32, ingot_gram_args, INGOT_GPU_GRAM_THREADS) {
    __shared__ ingot::stage_row rows[ingot::kGramWarps][2];
    ingot::gram_of_two<ingot::f32_vector, 2>(args, rows[threadIdx.x / 32]);
}

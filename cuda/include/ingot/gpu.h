/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interface between the host and Ingot's CUDA kernels: argument structs, launch geometry, names.
 *
 * Semantics are those of ingot.h, whose structs are used wherever they fit; all pointers in them are device addresses, the
 * arrays of terms, inputs and weights included. Every kernel takes one struct by value and no dynamic shared memory. A kernel
 * NAME is launched with NAME_THREADS threads per block and one block per NAME_ELEMENTS elements (grid.x), further dimensions
 * as stated.
 *
 * Operands start at multiples of INGOT_GPU_ALIGNMENT and may be read, outputs also written, up to the next multiple of
 * INGOT_GPU_VECTOR elements: so no kernel has a scalar tail. What it reads there never reaches a result, and what it writes
 * there is not used.
 */
#ifndef INGOT_GPU_H
#define INGOT_GPU_H

#include "ingot/ingot.h"

#define INGOT_GPU_ALIGNMENT 256

/* Elements that one thread loads and stores at once. */
#define INGOT_GPU_VECTOR 8

/* --- elementwise: one thread per vector --------------------------------------------------------------------------- */

/* ingot_gpu_convert(ingot_convert_args) */
#define INGOT_GPU_CONVERT_THREADS 256
#define INGOT_GPU_CONVERT_ELEMENTS (INGOT_GPU_CONVERT_THREADS * INGOT_GPU_VECTOR)

/*
 * ingot_gpu_weighted_sum(ingot_weighted_sum_args): any mixture of types.
 * ingot_gpu_weighted_sum_bf16, _f16, _f32: inputs and output all of that type.
 */
#define INGOT_GPU_WEIGHTED_SUM_THREADS 256
#define INGOT_GPU_WEIGHTED_SUM_ELEMENTS (INGOT_GPU_WEIGHTED_SUM_THREADS * INGOT_GPU_VECTOR)

/*
 * ingot_gpu_delta_merge(ingot_delta_merge_args): any mixture of types.
 * ingot_gpu_delta_merge_bf16, _f16, _f32: base, models and output all of that type.
 * Operands start at flat index (start rounded down to a multiple of INGOT_GPU_VECTOR), so that a thread's vector never
 * straddles a block of random words; start and count stay those of the tile. The grid covers (start mod VECTOR) + count
 * elements.
 */
#define INGOT_GPU_DELTA_MERGE_THREADS 256
#define INGOT_GPU_DELTA_MERGE_ELEMENTS (INGOT_GPU_DELTA_MERGE_THREADS * INGOT_GPU_VECTOR)

/* --- reductions ----------------------------------------------------------------------------------------------------- */

/* ingot_gpu_delta_sums(ingot_delta_sums_args); grid.y: one row of blocks per INGOT_GPU_DELTA_SUMS_TERMS terms. */
#define INGOT_GPU_DELTA_SUMS_THREADS 64
#define INGOT_GPU_DELTA_SUMS_ELEMENTS (4 * INGOT_CHUNK)
#define INGOT_GPU_DELTA_SUMS_TERMS 4

/*
 * ingot_gpu_gram(ingot_gram_args); grid.y: one row of blocks per pair of groups of INGOT_GPU_GRAM_ROWS inputs, that is
 * g (g + 1) / 2 with g = input_count / INGOT_GPU_GRAM_ROWS rounded up.
 * ingot_gpu_gram_bf16, _f16, _f32: two inputs of that type, no base; grid.y is 1.
 */
#define INGOT_GPU_GRAM_THREADS 64
#define INGOT_GPU_GRAM_ELEMENTS (4 * INGOT_CHUNK)
#define INGOT_GPU_GRAM_ROWS 3

/* --- exact selection by magnitude ------------------------------------------------------------------------------------ */

/* What one block found of one term. */
typedef struct ingot_gpu_scan_counts {
    uint32_t above;
    uint32_t at_high;
    uint32_t inside;
    uint32_t at_low;
} ingot_gpu_scan_counts;

/*
 * A scan is three kernels on one stream:
 * 1. ingot_gpu_select_scan(ingot_gpu_scan_args) counts per block and collects the keys inside the bracket, by index, in the
 *    block's own region of staged; ingot_gpu_select_scan_bf16, _f16, _f32 are for a base and models all of that type;
 * 2. ingot_gpu_select_totals(ingot_gpu_scan_args), one block per term (grid.x = term_count), adds up the counts into the
 *    terms' results (above, at_high, inside, at_low of ingot_select_term, overwritten) and writes each block's first place;
 * 3. ingot_gpu_select_gather(ingot_gpu_scan_args), grid.x as 1, grid.y = term_count, copies the staged keys to the terms'
 *    candidates, as many as capacity allows.
 */
typedef struct ingot_gpu_scan_args {
    ingot_operand base;
    ingot_select_term *terms;
    /* [term_count][blocks]; blocks = grid.x of ingot_gpu_select_scan. */
    ingot_gpu_scan_counts *counts;
    /* [term_count][blocks]: index in candidates of the block's first key. */
    int64_t *places;
    /* [term_count][blocks * INGOT_GPU_SELECT_SCAN_ELEMENTS] */
    int32_t *staged;
    int64_t count;
    int64_t blocks;
    int32_t term_count;
    int32_t reserved;
} ingot_gpu_scan_args;

#define INGOT_GPU_SELECT_SCAN_THREADS 256
#define INGOT_GPU_SELECT_SCAN_ELEMENTS 8192
#define INGOT_GPU_SELECT_TOTALS_THREADS 512
#define INGOT_GPU_SELECT_GATHER_THREADS 64

/*
 * ingot_gpu_select_nth_equal(ingot_gpu_nth_args), one block (grid.x = 1): the position of the nth element with this key among
 * count <= INGOT_GPU_SELECT_SCAN_ELEMENTS elements from element first of the operands, relative to the operands; -1 if there
 * are fewer. first is a multiple of INGOT_GPU_SELECT_SCAN_ELEMENTS.
 */
typedef struct ingot_gpu_nth_args {
    ingot_operand base;
    ingot_operand model;
    int64_t *position;
    int64_t first;
    int64_t count;
    int64_t nth;
    int32_t key;
    int32_t reserved;
} ingot_gpu_nth_args;

#define INGOT_GPU_SELECT_NTH_EQUAL_THREADS 256

/* ingot_gpu_select_sample(ingot_select_sample_args): one thread per position. */
#define INGOT_GPU_SELECT_SAMPLE_THREADS 256
#define INGOT_GPU_SELECT_SAMPLE_ELEMENTS 256

/* ingot_gpu_select_histogram(ingot_select_histogram_args): adds to bins. */
#define INGOT_GPU_SELECT_HISTOGRAM_THREADS 256
#define INGOT_GPU_SELECT_HISTOGRAM_ELEMENTS 8192

/*
 * Keys are laid out like operands: aligned, and readable up to the next multiple of INGOT_GPU_VECTOR.
 * ingot_gpu_key_histogram(ingot_gpu_keys_args): as select_histogram, of keys instead of deltas; result has the bins.
 */
/* ingot_gpu_count_equal(ingot_gpu_keys_args): adds the number of keys equal to key to result[0]. */
typedef struct ingot_gpu_keys_args {
    const int32_t *keys;
    int64_t *result;
    int64_t count;
    /* Of the histogram. */
    int32_t prefix;
    /* Of count_equal. */
    int32_t key;
} ingot_gpu_keys_args;

#define INGOT_GPU_KEY_HISTOGRAM_THREADS 256
#define INGOT_GPU_KEY_HISTOGRAM_ELEMENTS 8192
#define INGOT_GPU_COUNT_EQUAL_THREADS 256
#define INGOT_GPU_COUNT_EQUAL_ELEMENTS 8192

/* --- formulas -------------------------------------------------------------------------------------------------------- */

/*
 * ingot_gpu_formula(ingot_gpu_formula_args). Inputs and outputs start as those of ingot_gpu_delta_merge; outputs of bits are
 * 32-bit words from the tile's first element on, zero before. Tables need entries for the tile only. The formula's values
 * are not used: results are made by a second kernel on the same stream,
 * ingot_gpu_segments(ingot_gpu_segments_args), one block per INGOT_GPU_SEGMENTS_GROUPS results of segments.
 */
typedef struct ingot_gpu_formula_args {
    const ingot_formula_args *formula;
    /* [2 result_count][stride]: by element of the tile, what results are made of; two rows for each. */
    float *reduced;
    int64_t stride;
} ingot_gpu_formula_args;

#define INGOT_GPU_FORMULA_THREADS 128
#define INGOT_GPU_FORMULA_ELEMENTS (INGOT_GPU_FORMULA_THREADS * 4)

typedef struct ingot_gpu_segments_args {
    const float *reduced;
    /* [result_count]: the instructions that make the results, in their order. */
    const ingot_instruction *results;
    /* [segments][result_count] */
    double *values;
    int64_t stride;
    int64_t start;
    int64_t count;
    int64_t row_length;
    int64_t segments;
    int32_t result_count;
    int32_t reserved;
} ingot_gpu_segments_args;

#define INGOT_GPU_SEGMENTS_THREADS 128
#define INGOT_GPU_SEGMENTS_GROUPS (INGOT_GPU_SEGMENTS_THREADS / 16)

#endif

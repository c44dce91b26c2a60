/* SPDX-License-Identifier: Apache-2.0 */
/*
 * C interface of Ingot's CPU kernels.
 *
 * Pure functions over caller-owned memory: no threads, no allocation, no output, no exceptions, no state except the
 * instruction set chosen once. All pointers may have any alignment. Arithmetic is float32 whatever the storage type,
 * without contraction; a NaN result is stored as the canonical NaN of the output type (sign clear, quiet, payload 0).
 * Every kernel returns an ingot_status and is safe to call from any number of threads on disjoint outputs.
 */
#ifndef INGOT_INGOT_H
#define INGOT_INGOT_H

#include "formula.h"
#include "operand.h"
#include "rows.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- conversion ------------------------------------------------------------------------------------------------- */

typedef struct ingot_convert_args {
    ingot_operand input;
    ingot_operand output;
    int64_t count;
} ingot_convert_args;

/* output = input, rounded to nearest even. Equal types are copied byte by byte. */
INGOT_API int32_t ingot_convert(const ingot_convert_args *args);

/* --- weighted sum ----------------------------------------------------------------------------------------------- */

typedef struct ingot_weighted_sum_args {
    const ingot_operand *inputs;
    const float *weights;
    ingot_operand output;
    int64_t count;
    int32_t input_count;
    int32_t reserved;
} ingot_weighted_sum_args;

/* output = ((w0 x0 + w1 x1) + w2 x2) + ...: each product and each sum rounded to float32. input_count >= 1. */
INGOT_API int32_t ingot_weighted_sum(const ingot_weighted_sum_args *args);

/* --- merged deltas ---------------------------------------------------------------------------------------------- */

typedef struct ingot_delta_term {
    ingot_operand model;
    ingot_mask_spec mask;
    float weight;
    /* Factor on kept elements, applied before the weight; 1 = none. */
    float rescale;
} ingot_delta_term;

typedef struct ingot_delta_merge_args {
    ingot_operand base;
    ingot_operand output;
    const ingot_delta_term *terms;
    /* Flat index, in the whole tensor, of the tile's first element. */
    int64_t start;
    int64_t count;
    int32_t term_count;
    /* 1: sign election; only terms that agree with the sign of the sum count. */
    int32_t consensus;
    /* With consensus, 1: divide by the sum of the agreeing weights (an exact 0 counts as 1). */
    int32_t normalize;
    /* Without consensus: divisor of the sum; 1 = none. */
    float divisor;
    float lambda;
    int32_t reserved;
} ingot_delta_merge_args;

/*
 * d_i = x_i - base; y_i = weight_i * (rescale_i * kept(d_i)); s = y_0 + y_1 + ... in order.
 * Without consensus: m = s, divided by divisor unless that is 1.
 * With consensus: m = sum of the y_i > 0 if s >= 0, of the y_i < 0 otherwise (NaN if s is NaN); with normalize divided by
 * the sum of the weights of those terms. Then output = base + lambda * m; a lambda of 1 is not multiplied.
 * Source: TIES-Merging (arXiv 2306.01708), DARE (arXiv 2311.03099), Task Arithmetic (arXiv 2212.04089).
 */
INGOT_API int32_t ingot_delta_merge(const ingot_delta_merge_args *args);

/* --- reductions: float64, fixed shape ---------------------------------------------------------------------------- */
/*
 * Element i of a chunk of INGOT_CHUNK elements is added, in order, to accumulator i mod 16, which starts at +0; the 16
 * accumulators are folded a[j] += a[j + 8] for j < 8, then 4, 2, 1. start is a multiple of INGOT_CHUNK.
 */

typedef struct ingot_delta_sums_args {
    ingot_operand base;
    /* weight and rescale are ignored. */
    const ingot_delta_term *terms;
    /* [chunks][term_count][2]: sum of |d|, sum of |kept(d)|. */
    double *sums;
    int64_t start;
    int64_t count;
    int32_t term_count;
    int32_t reserved;
} ingot_delta_sums_args;

INGOT_API int32_t ingot_delta_sums(const ingot_delta_sums_args *args);

typedef struct ingot_gram_args {
    /* base.data may be null: then the inputs themselves are multiplied, otherwise input - base (float32). */
    ingot_operand base;
    const ingot_operand *inputs;
    /* [chunks][input_count * (input_count + 1) / 2]: dot products of rows 0..k-1, (0,0) (1,0) (1,1) (2,0) ... */
    double *sums;
    int64_t count;
    int32_t input_count;
    int32_t reserved;
} ingot_gram_args;

INGOT_API int32_t ingot_gram(const ingot_gram_args *args);

/* --- exact selection by magnitude --------------------------------------------------------------------------------- */
/* Keys are bits(|x - base|) as non-negative int32; NaN ranks above infinity. */

typedef struct ingot_select_term {
    ingot_operand model;
    /* Keys strictly between low and high are written to candidates, the others only counted. */
    int32_t low;
    int32_t high;
    int32_t *candidates;
    int64_t capacity;
    /* Results of this call. inside counts all keys between low and high, also those beyond capacity. */
    int64_t above;
    int64_t at_high;
    int64_t inside;
    int64_t at_low;
} ingot_select_term;

typedef struct ingot_select_scan_args {
    ingot_operand base;
    ingot_select_term *terms;
    int64_t count;
    int32_t term_count;
    int32_t reserved;
} ingot_select_scan_args;

/* above: keys > high; at_high: keys == high; at_low: keys == low (both counted when low == high). Order of candidates: by index. */
INGOT_API int32_t ingot_select_scan(const ingot_select_scan_args *args);

typedef struct ingot_select_sample_args {
    ingot_operand base;
    ingot_operand model;
    /* Element positions relative to the operands' data. */
    const int64_t *positions;
    int32_t *keys;
    int64_t count;
} ingot_select_sample_args;

INGOT_API int32_t ingot_select_sample(const ingot_select_sample_args *args);

typedef struct ingot_select_histogram_args {
    ingot_operand base;
    ingot_operand model;
    /* Added to, not cleared. prefix < 0: 65536 bins of key >> 15. Otherwise 32768 bins of key & 0x7fff where key >> 15 == prefix. */
    int64_t *bins;
    int64_t count;
    int32_t prefix;
    int32_t reserved;
} ingot_select_histogram_args;

INGOT_API int32_t ingot_select_histogram(const ingot_select_histogram_args *args);

typedef struct ingot_select_nth_args {
    ingot_operand base;
    ingot_operand model;
    int64_t count;
    /* Which of the elements with this key is wanted, from 1. */
    int64_t nth;
    int32_t key;
    int32_t reserved;
    /* Result: position of that element relative to the tile, -1 if there are fewer. */
    int64_t position;
} ingot_select_nth_args;

INGOT_API int32_t ingot_select_nth_equal(ingot_select_nth_args *args);

typedef struct ingot_kth_largest_args {
    const int32_t *keys;
    int64_t count;
    /* From 1 to count. */
    int64_t rank;
    /* Results: the key of that rank and how many keys are strictly larger. */
    int32_t key;
    int32_t reserved;
    int64_t larger;
} ingot_kth_largest_args;

INGOT_API int32_t ingot_kth_largest(ingot_kth_largest_args *args);

/* How many of the keys equal key. */
INGOT_API int64_t ingot_count_equal(const int32_t *keys, int64_t count, int32_t key);

#ifdef __cplusplus
}
#endif

#endif

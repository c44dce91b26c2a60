/* SPDX-License-Identifier: Apache-2.0 */
/* Masks and ranks within rows. Part of ingot.h. */
#ifndef INGOT_ROWS_H
#define INGOT_ROWS_H

#include "operand.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- random masks by rank -------------------------------------------------------------------------------------------- */

typedef struct ingot_ranked_mask_args {
    ingot_operand base;
    ingot_operand model;
    /* One number in [0, 1) per element; null: (word(i) >> 8) / 2^24 with word(i) as for INGOT_MASK_RANDOM. */
    const float *draws;
    /* One bit per element of the tile, from the lowest bit of the first byte; further bits stay as they are. */
    void *bits;
    /* [segments][2]: sum of |d|, sum of |kept(d)|; segments as for formulas. */
    double *sums;
    /* [4][row_length + 64], the caller's, for any content. */
    uint64_t *scratch;
    uint64_t key;
    /* start and count are multiples of the row length, which is from 1 to 2^24 - 1. */
    int64_t start;
    int64_t count;
    int64_t row_length;
    float low;
    float width;
} ingot_ranked_mask_args;

/*
 * Kept iff low + width * (rank / (row_length - 1)) > number of the element; each operation is rounded to float32, and the
 * quotient is 0.5 in rows of one element. rank: how many of the row's |d| = |model - base| are smaller, or equal and come
 * before; NaN is larger than all numbers. Source: MAGPRUNE of DELLA-Merging (arXiv 2406.11617).
 */
INGOT_API int32_t ingot_ranked_mask(const ingot_ranked_mask_args *args);

/* --- ranks ---------------------------------------------------------------------------------------------------------- */

typedef struct ingot_row_ranks_args {
    const float *values;
    float *ranks;
    /* [3][row_length], the caller's, for any content. */
    uint64_t *scratch;
    /* From 1; the last row may be shorter. Ranks are exact below 2^24. */
    int64_t row_length;
    int64_t count;
} ingot_row_ranks_args;

/* ranks: how many elements of the row are smaller, or equal and come before. NaN is larger than all numbers. */
INGOT_API int32_t ingot_row_ranks(const ingot_row_ranks_args *args);

typedef struct ingot_band_mask_args {
    ingot_operand base;
    ingot_operand model;
    /* One bit per element of the tile, from the lowest bit of the first byte; further bits stay as they are. */
    void *bits;
    /* [3][row_length + 64], the caller's, for any content. */
    uint32_t *scratch;
    /* A multiple of the row length, which is from 1 to 2^24 - 1. */
    int64_t count;
    int64_t row_length;
    /* Ranks that are kept: from first to the one before end. */
    int64_t first;
    int64_t end;
} ingot_band_mask_args;

/*
 * Kept iff first <= rank < end. rank: how many of the row's |d| = |model - base| are larger, or equal and come before; NaN is
 * smaller than all numbers. Source: Model Breadcrumbs (arXiv 2312.06795).
 */
INGOT_API int32_t ingot_band_mask(const ingot_band_mask_args *args);

#ifdef __cplusplus
}
#endif

#endif

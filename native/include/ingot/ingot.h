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

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(_WIN32)
#define INGOT_API __declspec(dllexport)
#else
#define INGOT_API __attribute__((visibility("default")))
#endif

/* Raised whenever a struct, a constant or the meaning of a function changes. */
#define INGOT_ABI_VERSION 4

/* Elements per partial sum of a reduction; tiles of reductions start at multiples of it. */
#define INGOT_CHUNK 16384

/* Most models a delta kernel takes in one call. */
#define INGOT_MAX_TERMS 64

enum ingot_status {
    INGOT_OK = 0,
    INGOT_INVALID_ARGUMENT = 1,
    /* A mapped input could not be read: the file became shorter or its device failed. */
    INGOT_INPUT_FAULT = 2
};

enum ingot_dtype {
    INGOT_F32 = 0,
    INGOT_BF16 = 1,
    INGOT_F16 = 2,
    INGOT_F64 = 3,
    INGOT_F8_E4M3 = 4,
    INGOT_F8_E5M2 = 5
};

enum ingot_mask {
    /* Every element is kept. */
    INGOT_MASK_NONE = 0,
    /* Kept iff bits(|d|) > threshold, or bits(|d|) == threshold and the flat index is below tie_cut. */
    INGOT_MASK_MAGNITUDE = 1,
    /* Kept iff word(i) < keep_below, word(i) = output i mod 4 of Philox-4x32-10 with this key and counter i / 4. */
    INGOT_MASK_RANDOM = 2,
    /* Kept iff the bit of the flat index is set. */
    INGOT_MASK_BITS = 3
};

/* --- instruction sets: an ordered list, worst first; the best available one is chosen at the first call --------- */

INGOT_API int32_t ingot_abi_version(void);
INGOT_API int32_t ingot_isa_count(void);
/* Name of variant i ("scalar", "avx2", "avx512", "neon"), null when out of range. */
INGOT_API const char *ingot_isa_name(int32_t index);
/* 1 if this processor and operating system can run variant i. */
INGOT_API int32_t ingot_isa_available(int32_t index);
/* Makes variant i the current one for all later calls. */
INGOT_API int32_t ingot_isa_select(int32_t index);
INGOT_API int32_t ingot_isa_current(void);

/* --- operands --------------------------------------------------------------------------------------------------- */

/* One tensor's elements of a tile; data points at the first element of the tile. */
typedef struct ingot_operand {
    void *data;
    int32_t dtype;
    int32_t reserved;
} ingot_operand;

/* Which elements of a delta d = x - base are kept. */
typedef struct ingot_mask_spec {
    int32_t kind;
    int32_t threshold;
    int64_t tie_cut;
    uint64_t key;
    uint32_t keep_below;
    int32_t reserved;
    /* Of the whole tensor, lowest bit of the first byte first. */
    const void *bits;
} ingot_mask_spec;

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

/* --- formulas ----------------------------------------------------------------------------------------------------- */
/*
 * A formula is straight-line code on float32 registers, run for every element: what methods need that have no kernel of
 * their own. A truth value is 1 or 0. Every instruction is one float32 operation, rounded to nearest even.
 */

/* Registers that a formula has. */
#define INGOT_FORMULA_REGISTERS 16

/* Most reductions of a formula. */
#define INGOT_FORMULA_RESULTS 128

/* As the type of a formula's output: one bit per element, lowest bit first, set where the value is above 0. */
#define INGOT_BITS 64

enum ingot_formula_op {
    /* Element of input a. */
    INGOT_OP_INPUT = 0,
    /* The float32 with the bits k0. */
    INGOT_OP_CONSTANT = 1,
    /* Entry of float32 table a: that of the element's row, or that of its column. */
    INGOT_OP_ROW = 2,
    INGOT_OP_COLUMN = 3,
    /* Truth value: bit of the element's flat index in table a. */
    INGOT_OP_BIT = 4,
    INGOT_OP_ADD = 5,
    INGOT_OP_SUB = 6,
    INGOT_OP_MUL = 7,
    INGOT_OP_DIV = 8,
    /* a < b ? a : b and a > b ? a : b; so b where one is NaN. */
    INGOT_OP_MIN = 9,
    INGOT_OP_MAX = 10,
    INGOT_OP_ABS = 11,
    INGOT_OP_NEG = 12,
    INGOT_OP_SQRT = 13,
    /* math/exp.h */
    INGOT_OP_EXP = 14,
    INGOT_OP_LOG = 15,
    /* Truth values; false where one is NaN. */
    INGOT_OP_GREATER = 16,
    INGOT_OP_GREATER_EQUAL = 17,
    INGOT_OP_EQUAL = 18,
    /* a > 0 ? b : c */
    INGOT_OP_SELECT = 19,
    /* Truth value: bits(|a|) > k0, or bits(|a|) == k0 and the flat index is below k1. */
    INGOT_OP_LARGEST = 20,
    /* (word(i) >> 8) / 2^24 with word(i) as for INGOT_MASK_RANDOM, key k0. */
    INGOT_OP_UNIFORM = 21,
    /* Stores register a as output target. */
    INGOT_OP_STORE = 22,
    /* Adds register a, or the exact product of registers a and b, to result target. */
    INGOT_OP_SUM = 23,
    INGOT_OP_SUM_PRODUCT = 24,
    /* Result target is the largest value of register a; NaN is passed over, -infinity if there is nothing else, +0 for -0. */
    INGOT_OP_SUP = 25
};

typedef struct ingot_instruction {
    int32_t op;
    /* Register that receives the value; of the last four the number of an output or result. */
    int32_t target;
    /* Registers, or the number of an input or table. */
    int32_t a;
    int32_t b;
    int32_t c;
    int32_t reserved;
    int64_t k0;
    int64_t k1;
} ingot_instruction;

typedef struct ingot_formula_args {
    const ingot_operand *inputs;
    const ingot_instruction *code;
    /* Of the whole tensor: float32 per row, float32 per column, or bits per element. */
    const void *const *tables;
    /* The type may be INGOT_BITS. */
    const ingot_operand *outputs;
    /* [segments][result_count] */
    double *values;
    int64_t start;
    int64_t count;
    /* Elements of a row; 0: the tensor is one row. */
    int64_t row_length;
    int32_t input_count;
    int32_t instruction_count;
    int32_t table_count;
    int32_t output_count;
    int32_t result_count;
    int32_t reserved;
} ingot_formula_args;

/*
 * Runs the code for each element. Results are made per segment: rows, cut at multiples of
 * INGOT_CHUNK from their start. Sums have the shape of all reductions, with the segment as chunk. With results, start is the
 * start of a segment.
 */
INGOT_API int32_t ingot_formula(const ingot_formula_args *args);

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

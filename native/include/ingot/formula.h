/* SPDX-License-Identifier: Apache-2.0 */
/* Elementwise formulas. Part of ingot.h. */
#ifndef INGOT_FORMULA_H
#define INGOT_FORMULA_H

#include "operand.h"

#ifdef __cplusplus
extern "C" {
#endif

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

#ifdef __cplusplus
}
#endif

#endif

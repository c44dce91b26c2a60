// SPDX-License-Identifier: Apache-2.0
//
// Formulas: an interpreter whose registers are blocks in the first-level cache, so that the price of an instruction is paid
// once for a block.
#ifndef INGOT_KERNELS_FORMULA_H
#define INGOT_KERNELS_FORMULA_H

#include "ingot/math/exp.h"
#include "reductions.h"

namespace INGOT_NAMESPACE {

struct formula_block {
    const ingot_formula_args &args;
    // Of the block's first element: in the tile, and in the tensor.
    int64_t start, index;
    int n;
    float_block *registers;
    accumulators *sums;
    float *most;
};

INGOT_FN F truth(M mask) { return keep(mask, splat<F>(1.0f)); }

template <class Op>
static void each1(const float *a, float *t, int n, const Op &op) {
    for (int i = 0; i < n; i += kLanes) store_f32(t + i, op(load_f32(a + i)));
}

template <class Op>
static void each2(const float *a, const float *b, float *t, int n, const Op &op) {
    for (int i = 0; i < n; i += kLanes) store_f32(t + i, op(load_f32(a + i), load_f32(b + i)));
}

static void fill(float *t, int n, float value) {
    const F v = splat<F>(value);
    int i = 0;
    for (; i + kLanes <= n; i += kLanes) store_f32(t + i, v);
    for (; i < n; i++) t[i] = value;
}

static void load_rows(const formula_block &b, const float *table, float *t) {
    const int64_t length = b.args.row_length;
    int64_t row = length ? b.index / length : 0;
    int64_t column = length ? b.index % length : 0;
    for (int i = 0; i < b.n; row++, column = 0) {
        const int64_t left = length ? length - column : b.n;
        const int run = left < b.n - i ? (int)left : b.n - i;
        fill(t + i, run, table[row]);
        i += run;
    }
}

static void load_columns(const formula_block &b, const float *table, float *t) {
    const int64_t length = b.args.row_length;
    int64_t column = length ? b.index % length : b.index;
    for (int i = 0; i < b.n; column = 0) {
        const int64_t left = length ? length - column : b.n;
        const int run = left < b.n - i ? (int)left : b.n - i;
        memcpy(t + i, table + column, (size_t)run * sizeof(float));
        i += run;
    }
}

static void load_truths(const formula_block &b, const void *table, float *t) {
    bit_block bits;
    load_bits(table, b.index, b.n, bits);
    const keep_bits keep = {bits.v};
    for (int i = 0; i < b.n; i += kLanes) store_f32(t + i, keep(i, splat<F>(1.0f)));
}

static void find_largest(const formula_block &b, const ingot_instruction &op, const float *a, float *t) {
    const int64_t past = op.k1 - b.index;
    const I threshold = splat<I>((int32_t)op.k0);
    const I cut = splat<I>(past < 0 ? 0 : past > b.n ? b.n : (int32_t)past);
    for (int i = 0; i < b.n; i += kLanes) {
        const I key = magnitude_key(load_f32(a + i));
        const M tie = both(equal(key, threshold), greater(cut, add(iota(), splat<I>(i))));
        store_f32(t + i, truth(either(greater(key, threshold), tie)));
    }
}

static void draw_uniform(const formula_block &b, uint64_t key, float *t) {
    word_block words;
    const int32_t *w = random_words(key, b.index, kBlock, words);
    for (int i = 0; i < b.n; i += kLanes) store_f32(t + i, uniform(load_i32(w + i)));
}

// The bytes at both ends may have bits of other blocks.
static void store_bits(const float_block &from, unsigned char *to, int64_t start, int n) {
    for (int i = 0; i < n;) {
        unsigned char &byte = to[(start + i) >> 3];
        const int first = (int)((start + i) & 7);
        const int bits = 8 - first < n - i ? 8 - first : n - i;
        unsigned set = 0;
        for (int bit = 0; bit < bits; bit++) set |= (unsigned)(from.v[i + bit] > 0.0f) << (first + bit);
        const unsigned mine = ((1u << bits) - 1) << first;
        byte = (unsigned char)((byte & ~mine) | set);
        i += bits;
    }
}

static void add_values(const float_block &a, int n, accumulators &sum) {
    running_sum s;
    s.load(sum);
    for (int i = 0; i < n; i += kAccumulators) {
        for (int p = 0; p < kParts; p++) s.part[p] = add(s.part[p], widen(load_f32(a.v + i + p * kLanes)));
    }
    s.store(sum);
}

static float largest_of(const float_block &a, int n, float most) {
    for (int i = 0; i < n; i++) most = a.v[i] > most ? a.v[i] : most;
    return most;
}

// Elements from n to the end of its group of accumulators become zeros, which change no sum.
static void end_with_zeros(float_block &a, int n) {
    for (int i = n; i % kAccumulators; i++) a.v[i] = 0.0f;
}

static void store(const formula_block &b, float_block &from, const ingot_operand &to) {
    if (to.dtype == INGOT_BITS) return store_bits(from, (unsigned char *)to.data, b.start, b.n);
    narrow_block(from, to, b.start, b.n);
}

static void execute(const formula_block &b, const ingot_instruction &op) {
    float *t = b.registers[op.target & (INGOT_FORMULA_REGISTERS - 1)].v;
    float_block &a = b.registers[op.a & (INGOT_FORMULA_REGISTERS - 1)];
    const float *x = a.v;
    const float *y = b.registers[op.b].v;
    const int n = b.n;
    switch (op.op) {
        case INGOT_OP_INPUT: return widen_block(b.args.inputs[op.a], b.start, n, b.registers[op.target]);
        case INGOT_OP_CONSTANT: return fill(t, (n + kLanes - 1) / kLanes * kLanes, from_bits((int32_t)op.k0));
        case INGOT_OP_ROW: return load_rows(b, (const float *)b.args.tables[op.a], t);
        case INGOT_OP_COLUMN: return load_columns(b, (const float *)b.args.tables[op.a], t);
        case INGOT_OP_BIT: return load_truths(b, b.args.tables[op.a], t);
        case INGOT_OP_ADD: return each2(x, y, t, n, [](F p, F q) { return add(p, q); });
        case INGOT_OP_SUB: return each2(x, y, t, n, [](F p, F q) { return sub(p, q); });
        case INGOT_OP_MUL: return each2(x, y, t, n, [](F p, F q) { return mul(p, q); });
        case INGOT_OP_DIV: return each2(x, y, t, n, [](F p, F q) { return div(p, q); });
        case INGOT_OP_MIN: return each2(x, y, t, n, [](F p, F q) { return select(less(p, q), p, q); });
        case INGOT_OP_MAX: return each2(x, y, t, n, [](F p, F q) { return select(greater(p, q), p, q); });
        case INGOT_OP_ABS: return each1(x, t, n, [](F p) { return magnitude(p); });
        case INGOT_OP_NEG:
            return each1(x, t, n, [](F p) { return from_bits(bit_xor(bits(p), splat<I>(INT32_MIN))); });
        case INGOT_OP_SQRT: return each1(x, t, n, [](F p) { return square_root(p); });
        case INGOT_OP_EXP: return each1(x, t, n, [](F p) { return exponential(p); });
        case INGOT_OP_LOG: return each1(x, t, n, [](F p) { return logarithm(p); });
        case INGOT_OP_GREATER: return each2(x, y, t, n, [](F p, F q) { return truth(greater(p, q)); });
        case INGOT_OP_GREATER_EQUAL: return each2(x, y, t, n, [](F p, F q) { return truth(greater_equal(p, q)); });
        case INGOT_OP_EQUAL: return each2(x, y, t, n, [](F p, F q) { return truth(equal(p, q)); });
        case INGOT_OP_SELECT: {
            const float *z = b.registers[op.c].v;
            const F zero = splat<F>(0.0f);
            for (int i = 0; i < n; i += kLanes)
                store_f32(t + i, select(greater(load_f32(x + i), zero), load_f32(y + i), load_f32(z + i)));
            return;
        }
        case INGOT_OP_LARGEST: return find_largest(b, op, x, t);
        case INGOT_OP_UNIFORM: return draw_uniform(b, (uint64_t)op.k0, t);
        case INGOT_OP_STORE: return store(b, a, b.args.outputs[op.target]);
        case INGOT_OP_SUM: end_with_zeros(a, n); return add_values(a, n, b.sums[op.target]);
        case INGOT_OP_SUM_PRODUCT:
            end_with_zeros(a, n);
            end_with_zeros(b.registers[op.b], n);
            return add_products(a, b.registers[op.b], n, b.sums[op.target]);
        default: b.most[op.target] = largest_of(a, n, b.most[op.target]);
    }
}

// Whether an input is loaded into a register only to be replaced there by its difference to another.
INGOT_FN bool is_delta(const ingot_instruction &first, const ingot_instruction &second) {
    return first.op == INGOT_OP_INPUT && second.op == INGOT_OP_SUB && second.a == first.target &&
           second.target == first.target && second.b != first.target;
}

// Both instructions in one pass over the block.
static void subtract_from_input(const formula_block &b, const ingot_instruction &load, const ingot_instruction &difference) {
    with_block(b.args.inputs[load.a], b.start, b.n,
               delta_loop{b.registers[difference.b].v, b.registers[difference.target].v});
}

// Elements from this flat index to the end of its segment.
static int64_t segment_left(const ingot_formula_args &args, int64_t index) {
    const int64_t column = args.row_length ? index % args.row_length : index;
    const int64_t left = INGOT_CHUNK - column % INGOT_CHUNK;
    return args.row_length && args.row_length - column < left ? args.row_length - column : left;
}

static void formula(const ingot_formula_args &args) {
    float_block registers[INGOT_FORMULA_REGISTERS];
    accumulators sums[INGOT_FORMULA_RESULTS];
    float most[INGOT_FORMULA_RESULTS];
    bool is_most[INGOT_FORMULA_RESULTS] = {};
    for (int32_t i = 0; i < args.instruction_count; i++) {
        if (args.code[i].op == INGOT_OP_SUP) is_most[args.code[i].target] = true;
    }
    double *values = args.values;
    for (int64_t segment = 0; segment < args.count;) {
        const int64_t left = args.result_count ? segment_left(args, args.start + segment) : args.count;
        const int64_t stop = args.count - segment > left ? segment + left : args.count;
        memset(sums, 0, (size_t)args.result_count * sizeof sums[0]);
        for (int32_t r = 0; r < args.result_count; r++) most[r] = -__builtin_inff();
        for (int64_t start = segment; start < stop; start += kBlock) {
            const formula_block b = {args, start, args.start + start, block_length(stop, start), registers, sums, most};
            for (int32_t i = 0; i < args.instruction_count; i++) {
                if (i + 1 < args.instruction_count && is_delta(args.code[i], args.code[i + 1])) {
                    subtract_from_input(b, args.code[i], args.code[i + 1]);
                    i++;
                } else {
                    execute(b, args.code[i]);
                }
            }
        }
        for (int32_t r = 0; r < args.result_count; r++) *values++ = is_most[r] ? most[r] + 0.0 : fold(sums[r]);
        segment = stop;
    }
}

}  // namespace INGOT_NAMESPACE

#endif

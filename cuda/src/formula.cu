// SPDX-License-Identifier: Apache-2.0
//
// Formulas: an interpreter. A thread has four neighbouring elements, whose registers lie in shared memory as quads: an
// array that is indexed at run time would lie in device memory otherwise. All threads of a launch take the same branches.
#include "ingot/math/delta.h"
#include "ingot/math/exp.h"
#include "ingot/math/philox.h"
#include "vector.cuh"

namespace INGOT_NAMESPACE {

constexpr int kQuad = 4;

using quad_register = float4[INGOT_GPU_FORMULA_THREADS];

struct formula_thread {
    const ingot_gpu_formula_args &args;
    const ingot_formula_args &formula;
    quad_register *registers;
    // Of the thread's first element: in the operands, in the tile (before it if negative), in the tensor.
    int64_t element, place, index;

    INGOT_DEVICE float4 get(int32_t i) const { return registers[i][threadIdx.x]; }
    INGOT_DEVICE void set(int32_t i, const float4 &x) const { registers[i][threadIdx.x] = x; }

    INGOT_DEVICE bool in_tile(int e) const { return place + e >= 0 && place + e < formula.count; }

    // Flat index of an element; that of a neighbour for one outside of the tile, for which tables have no entry.
    INGOT_DEVICE int64_t flat(int e) const {
        const int64_t last = formula.start + formula.count - 1;
        const int64_t i = index + e;
        return i < formula.start ? formula.start : i > last ? last : i;
    }
};

template <class Op>
INGOT_DEVICE void each(const formula_thread &t, const ingot_instruction &op, const Op &compute) {
    const float4 a = t.get(op.a), b = t.get(op.b);
    t.set(op.target, make_float4(compute(a.x, b.x), compute(a.y, b.y), compute(a.z, b.z), compute(a.w, b.w)));
}

// The number that value(e) gives for each element.
template <class Value>
INGOT_DEVICE float4 quad_of(const Value &value) {
    return make_float4(value(0), value(1), value(2), value(3));
}

INGOT_DEVICE float truth(bool holds) { return holds ? 1.0f : 0.0f; }

INGOT_DEVICE float4 read_input(const formula_thread &t, const ingot_operand &operand) {
    float x[kQuad];
    with_storage(operand.dtype, [&](auto storage) {
        widen(load<decltype(storage), kQuad>(operand.data, t.element), x);
    });
    return make_float4(x[0], x[1], x[2], x[3]);
}

INGOT_DEVICE float4 read_table(const formula_thread &t, const ingot_instruction &op) {
    const void *table = t.formula.tables[op.a];
    const int64_t length = t.formula.row_length;
    return quad_of([&](int e) {
        const int64_t i = t.flat(e);
        if (op.op == INGOT_OP_BIT) return (float)(((const uint8_t *)table)[i >> 3] >> (i & 7) & 1);
        const int64_t entry = op.op == INGOT_OP_ROW ? (length ? i / length : 0) : (length ? i % length : i);
        return ((const float *)table)[entry];
    });
}

INGOT_DEVICE float4 draw_uniform(const formula_thread &t, uint64_t key) {
    philox_block<uint64_t> words[1] = {philox_counter((uint64_t)t.index / kQuad)};
    philox4x32_10(words, philox_keys<uint64_t>(key));
    const auto uniform = [](uint64_t word) { return mul((float)((uint32_t)word >> 8), 0x1p-24f); };
    return make_float4(uniform(words[0].w0), uniform(words[0].w1), uniform(words[0].w2), uniform(words[0].w3));
}

INGOT_DEVICE float element_of(const float4 &x, int e) { return e == 0 ? x.x : e == 1 ? x.y : e == 2 ? x.z : x.w; }

INGOT_DEVICE void write_output(const formula_thread &t, const ingot_operand &to, const float4 &x) {
    if (to.dtype == INGOT_BITS) {
        unsigned *words = static_cast<unsigned *>(to.data);
        for (int e = 0; e < kQuad; e++) {
            const int64_t bit = t.place + e;
            if (t.in_tile(e) && element_of(x, e) > 0.0f) atomicOr(words + bit / 32, 1u << (bit % 32));
        }
        return;
    }
    const float values[kQuad] = {x.x, x.y, x.z, x.w};
    with_storage(to.dtype, [&](auto storage) {
        store(narrow<decltype(storage), kQuad>(values), to.data, t.element);
    });
}

// Keeps what a result is made of, for the kernel that reduces it.
INGOT_DEVICE void keep_for_result(const formula_thread &t, int32_t slot, const float4 &x) {
    float *row = t.args.reduced + slot * t.args.stride;
    for (int e = 0; e < kQuad; e++) {
        if (t.in_tile(e)) row[t.place + e] = element_of(x, e);
    }
}

INGOT_DEVICE void execute(const formula_thread &t, const ingot_instruction &op) {
    switch (op.op) {
        case INGOT_OP_INPUT: return t.set(op.target, read_input(t, t.formula.inputs[op.a]));
        case INGOT_OP_CONSTANT:
            return t.set(op.target, quad_of([&](int) { return from_bits((int32_t)op.k0); }));
        case INGOT_OP_ROW:
        case INGOT_OP_COLUMN:
        case INGOT_OP_BIT: return t.set(op.target, read_table(t, op));
        case INGOT_OP_ADD: return each(t, op, [](float a, float b) { return add(a, b); });
        case INGOT_OP_SUB: return each(t, op, [](float a, float b) { return sub(a, b); });
        case INGOT_OP_MUL: return each(t, op, [](float a, float b) { return mul(a, b); });
        case INGOT_OP_DIV: return each(t, op, [](float a, float b) { return div(a, b); });
        case INGOT_OP_MIN: return each(t, op, [](float a, float b) { return a < b ? a : b; });
        case INGOT_OP_MAX: return each(t, op, [](float a, float b) { return a > b ? a : b; });
        case INGOT_OP_ABS: return each(t, op, [](float a, float) { return magnitude(a); });
        case INGOT_OP_NEG: return each(t, op, [](float a, float) { return from_bits(bits(a) ^ INT32_MIN); });
        case INGOT_OP_SQRT: return each(t, op, [](float a, float) { return square_root(a); });
        case INGOT_OP_EXP: return each(t, op, [](float a, float) { return exponential(a); });
        case INGOT_OP_LOG: return each(t, op, [](float a, float) { return logarithm(a); });
        case INGOT_OP_GREATER: return each(t, op, [](float a, float b) { return truth(a > b); });
        case INGOT_OP_GREATER_EQUAL: return each(t, op, [](float a, float b) { return truth(a >= b); });
        case INGOT_OP_EQUAL: return each(t, op, [](float a, float b) { return truth(a == b); });
        case INGOT_OP_SELECT: {
            const float4 a = t.get(op.a), b = t.get(op.b), c = t.get(op.c);
            return t.set(op.target, quad_of([&](int e) {
                return element_of(a, e) > 0.0f ? element_of(b, e) : element_of(c, e);
            }));
        }
        case INGOT_OP_LARGEST: {
            const float4 a = t.get(op.a);
            return t.set(op.target, quad_of([&](int e) {
                const int32_t key = magnitude_key(element_of(a, e));
                return truth(key > (int32_t)op.k0 || (key == (int32_t)op.k0 && t.index + e < op.k1));
            }));
        }
        case INGOT_OP_UNIFORM: return t.set(op.target, draw_uniform(t, (uint64_t)op.k0));
        case INGOT_OP_STORE: return write_output(t, t.formula.outputs[op.target], t.get(op.a));
        case INGOT_OP_SUM_PRODUCT:
            keep_for_result(t, 2 * op.target + 1, t.get(op.b));
            return keep_for_result(t, 2 * op.target, t.get(op.a));
        default: return keep_for_result(t, 2 * op.target, t.get(op.a));
    }
}

INGOT_DEVICE void run_formula(const ingot_gpu_formula_args &args, quad_register *registers) {
    const ingot_formula_args formula = *args.formula;
    const int64_t lead = formula.start % INGOT_GPU_VECTOR;
    const int64_t element = ((int64_t)blockIdx.x * INGOT_GPU_FORMULA_THREADS + threadIdx.x) * kQuad;
    if (element >= lead + formula.count) return;
    const formula_thread thread = {args, formula, registers, element, element - lead, formula.start - lead + element};
    for (int32_t i = 0; i < formula.instruction_count; i++) execute(thread, formula.code[i]);
}

// --- results ---------------------------------------------------------------------------------------------------------

constexpr int kSegmentLanes = 16;

// First element in the tile, and length, of a segment.
struct segment {
    int64_t first, length;

    INGOT_DEVICE segment(const ingot_gpu_segments_args &args, int64_t number) {
        int64_t size = INGOT_CHUNK;
        if (args.row_length == 0) {
            first = number * INGOT_CHUNK;
        } else {
            const int64_t per_row = (args.row_length + INGOT_CHUNK - 1) / INGOT_CHUNK;
            const int64_t column = args.start % args.row_length;
            const int64_t part = column / INGOT_CHUNK + number;
            const int64_t within = part % per_row * INGOT_CHUNK;
            first = part / per_row * args.row_length + within - column;
            size = args.row_length - within < INGOT_CHUNK ? args.row_length - within : INGOT_CHUNK;
        }
        length = args.count - first < size ? args.count - first : size;
    }
};

INGOT_DEVICE double larger(double a, double b) { return a > b ? a : b; }

// Sixteen lanes reduce one result of one segment, each its accumulator.
INGOT_DEVICE void reduce_segments(const ingot_gpu_segments_args &args) {
    const int lane = (int)threadIdx.x % kSegmentLanes;
    const int64_t group = ((int64_t)blockIdx.x * INGOT_GPU_SEGMENTS_THREADS + threadIdx.x) / kSegmentLanes;
    const bool active = group < args.segments * args.result_count;
    const int32_t number = active ? (int32_t)(group % args.result_count) : 0;
    const segment s(args, active ? group / args.result_count : 0);
    const int32_t op = args.results[number].op;
    const float *a = args.reduced + 2 * number * args.stride + s.first;
    const float *b = a + args.stride;
    const bool sup = op == INGOT_OP_SUP;
    double value = sup ? -(double)from_bits(0x7f800000) : 0.0;
    for (int64_t i = lane; active && i < s.length; i += kSegmentLanes) {
        if (sup) {
            value = larger(a[i], value);
        } else if (op == INGOT_OP_SUM) {
            value = __dadd_rn(value, (double)a[i]);
        } else {
            value = __fma_rn((double)a[i], (double)b[i], value);
        }
    }
    for (int half = kSegmentLanes / 2; half > 0; half /= 2) {
        const double other = __shfl_down_sync(0xffffffffu, value, half, kSegmentLanes);
        value = sup ? larger(other, value) : __dadd_rn(value, other);
    }
    if (sup) value = __dadd_rn(value, 0.0);
    if (active && lane == 0) {
        args.values[group] = value == value ? value : __longlong_as_double(0x7ff8000000000000ll);
    }
}

}  // namespace INGOT_NAMESPACE

INGOT_KERNEL(ingot_gpu_formula, ingot_gpu_formula_args, INGOT_GPU_FORMULA_THREADS) {
    __shared__ ingot::quad_register registers[INGOT_FORMULA_REGISTERS];
    ingot::run_formula(args, registers);
}

INGOT_KERNEL(ingot_gpu_segments, ingot_gpu_segments_args, INGOT_GPU_SEGMENTS_THREADS) { ingot::reduce_segments(args); }

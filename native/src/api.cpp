// SPDX-License-Identifier: Apache-2.0
//
// The exported kernels: check the arguments, then run the current instruction set's implementation under the fault
// guard.
#include "dispatch.h"
#include "guard.h"

namespace {

bool valid(const ingot_operand &operand) {
    return operand.data && operand.dtype >= INGOT_F32 && operand.dtype <= INGOT_F8_E5M2;
}

bool valid_all(const ingot_operand *operands, int32_t count) {
    if (!operands) return false;
    for (int32_t i = 0; i < count; i++) {
        if (!valid(operands[i])) return false;
    }
    return true;
}

bool valid_terms(const ingot_delta_term *terms, int32_t count) {
    if (!terms || count < 1 || count > INGOT_MAX_TERMS) return false;
    for (int32_t i = 0; i < count; i++) {
        if (!valid(terms[i].model)) return false;
        if (terms[i].mask.kind < INGOT_MASK_NONE || terms[i].mask.kind > INGOT_MASK_BITS) return false;
        if (terms[i].mask.kind == INGOT_MASK_BITS && !terms[i].mask.bits) return false;
    }
    return true;
}

bool is_register(int32_t index) { return index >= 0 && index < INGOT_FORMULA_REGISTERS; }

bool valid_instruction(const ingot_formula_args &args, const ingot_instruction &op) {
    if (!is_register(op.b) || !is_register(op.c)) return false;
    switch (op.op) {
        case INGOT_OP_INPUT: return is_register(op.target) && op.a >= 0 && op.a < args.input_count;
        case INGOT_OP_ROW:
        case INGOT_OP_COLUMN:
        case INGOT_OP_BIT:
            return is_register(op.target) && op.a >= 0 && op.a < args.table_count && args.tables && args.tables[op.a];
        case INGOT_OP_STORE: return is_register(op.a) && op.target >= 0 && op.target < args.output_count;
        case INGOT_OP_SUM:
        case INGOT_OP_SUM_PRODUCT:
        case INGOT_OP_SUP: return is_register(op.a) && op.target >= 0 && op.target < args.result_count;
        default: return op.op >= 0 && op.op <= INGOT_OP_UNIFORM && is_register(op.target) && is_register(op.a);
    }
}

bool valid_formula(const ingot_formula_args &args) {
    if (args.start < 0 || args.row_length < 0 || args.instruction_count < 0 || !args.code) return false;
    if (args.input_count < 0 || (args.input_count && !valid_all(args.inputs, args.input_count))) return false;
    if (args.result_count < 0 || args.result_count > INGOT_FORMULA_RESULTS) return false;
    for (int32_t i = 0; i < args.instruction_count; i++) {
        if (!valid_instruction(args, args.code[i])) return false;
    }
    for (int32_t i = 0; i < args.output_count; i++) {
        const ingot_operand &output = args.outputs[i];
        if (!output.data || !(output.dtype == INGOT_BITS || valid(output))) return false;
    }
    const int64_t column = args.row_length ? args.start % args.row_length : args.start;
    return args.result_count == 0 || (args.values && column % INGOT_CHUNK == 0);
}

// Runs one kernel of the table; count 0 is valid whatever the pointers are.
template <class Args>
int32_t run(void (*const ingot_kernel_table::*kernel)(Args &), Args *args, bool (*valid_args)(const Args &)) {
    if (!args || args->count < 0) return INGOT_INVALID_ARGUMENT;
    if (args->count == 0) return INGOT_OK;
    if (!valid_args(*args)) return INGOT_INVALID_ARGUMENT;
    struct call {
        void (*function)(Args &);
        Args *args;
    } state = {ingot_current_kernels().*kernel, args};
    return ingot_guarded([](void *p) { static_cast<call *>(p)->function(*static_cast<call *>(p)->args); }, &state);
}

}  // namespace

extern "C" {

int32_t ingot_convert(const ingot_convert_args *args) {
    return run<const ingot_convert_args>(&ingot_kernel_table::convert, args,
                                         [](const ingot_convert_args &a) { return valid(a.input) && valid(a.output); });
}

int32_t ingot_weighted_sum(const ingot_weighted_sum_args *args) {
    return run<const ingot_weighted_sum_args>(&ingot_kernel_table::weighted_sum, args, [](const auto &a) {
        return a.input_count >= 1 && a.weights && valid(a.output) && valid_all(a.inputs, a.input_count);
    });
}

int32_t ingot_delta_merge(const ingot_delta_merge_args *args) {
    return run<const ingot_delta_merge_args>(&ingot_kernel_table::delta_merge, args, [](const auto &a) {
        return a.start >= 0 && valid(a.base) && valid(a.output) && valid_terms(a.terms, a.term_count);
    });
}

int32_t ingot_delta_sums(const ingot_delta_sums_args *args) {
    return run<const ingot_delta_sums_args>(&ingot_kernel_table::delta_sums, args, [](const auto &a) {
        return a.start >= 0 && a.start % INGOT_CHUNK == 0 && a.sums && valid(a.base) &&
               valid_terms(a.terms, a.term_count);
    });
}

int32_t ingot_gram(const ingot_gram_args *args) {
    return run<const ingot_gram_args>(&ingot_kernel_table::gram, args, [](const auto &a) {
        return a.input_count >= 1 && a.input_count <= INGOT_MAX_TERMS && a.sums && (!a.base.data || valid(a.base)) &&
               valid_all(a.inputs, a.input_count);
    });
}

int32_t ingot_select_scan(const ingot_select_scan_args *args) {
    if (!args || !args->terms || args->term_count < 1) return INGOT_INVALID_ARGUMENT;
    for (int32_t i = 0; i < args->term_count; i++) {
        ingot_select_term &term = args->terms[i];
        if (term.low < -1 || term.high < term.low) return INGOT_INVALID_ARGUMENT;
        if (term.capacity < 0 || (term.capacity > 0 && !term.candidates)) return INGOT_INVALID_ARGUMENT;
        term.above = term.at_high = term.inside = term.at_low = 0;
    }
    return run<const ingot_select_scan_args>(&ingot_kernel_table::select_scan, args, [](const auto &a) {
        for (int32_t i = 0; i < a.term_count; i++) {
            if (!valid(a.terms[i].model)) return false;
        }
        return valid(a.base);
    });
}

int32_t ingot_select_sample(const ingot_select_sample_args *args) {
    return run<const ingot_select_sample_args>(&ingot_kernel_table::select_sample, args, [](const auto &a) {
        return a.positions && a.keys && valid(a.base) && valid(a.model);
    });
}

int32_t ingot_select_histogram(const ingot_select_histogram_args *args) {
    return run<const ingot_select_histogram_args>(&ingot_kernel_table::select_histogram, args, [](const auto &a) {
        return a.bins && valid(a.base) && valid(a.model);
    });
}

int32_t ingot_select_nth_equal(ingot_select_nth_args *args) {
    if (!args) return INGOT_INVALID_ARGUMENT;
    args->position = -1;
    return run<ingot_select_nth_args>(&ingot_kernel_table::select_nth_equal, args,
                                      [](const auto &a) { return a.nth >= 1 && valid(a.base) && valid(a.model); });
}

int32_t ingot_kth_largest(ingot_kth_largest_args *args) {
    if (!args || args->count < 1) return INGOT_INVALID_ARGUMENT;
    return run<ingot_kth_largest_args>(&ingot_kernel_table::kth_largest, args,
                                       [](const auto &a) { return a.keys && a.rank >= 1 && a.rank <= a.count; });
}

int32_t ingot_formula(const ingot_formula_args *args) {
    return run<const ingot_formula_args>(&ingot_kernel_table::formula, args,
                                         [](const auto &a) { return valid_formula(a); });
}

int32_t ingot_ranked_mask(const ingot_ranked_mask_args *args) {
    return run<const ingot_ranked_mask_args>(&ingot_kernel_table::ranked_mask, args, [](const auto &a) {
        return valid(a.base) && valid(a.model) && a.bits && a.sums && a.scratch && a.row_length >= 1 &&
               a.row_length < 1 << 24 && a.start >= 0 && a.start % a.row_length == 0 && a.count % a.row_length == 0;
    });
}

int32_t ingot_row_ranks(const ingot_row_ranks_args *args) {
    return run<const ingot_row_ranks_args>(&ingot_kernel_table::row_ranks, args, [](const auto &a) {
        return a.values && a.ranks && a.scratch && a.row_length >= 1 && a.row_length < 1 << 24;
    });
}

int32_t ingot_band_mask(const ingot_band_mask_args *args) {
    return run<const ingot_band_mask_args>(&ingot_kernel_table::band_mask, args, [](const auto &a) {
        return valid(a.base) && valid(a.model) && a.bits && a.scratch && a.row_length >= 1 && a.row_length < 1 << 24 &&
               a.count % a.row_length == 0;
    });
}

// Keys are the caller's own memory: no guard.
int64_t ingot_count_equal(const int32_t *keys, int64_t count, int32_t key) {
    return keys && count > 0 ? ingot_current_kernels().count_equal(keys, count, key) : 0;
}

}  // extern "C"

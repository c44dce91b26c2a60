// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import dev.ingot.ffi.nativelib.IngotNative;
import dev.ingot.ffi.nativelib.ingot_formula_args;
import dev.ingot.ffi.nativelib.ingot_formula_output;
import dev.ingot.ffi.nativelib.ingot_formula_result;
import dev.ingot.ffi.nativelib.ingot_instruction;
import dev.ingot.ffi.nativelib.ingot_operand;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** The native form of a formula, written anew for every call into memory that grows with the longest one. */
final class FormulaStructs {
    private static final int TYPICAL = 64;

    private final Arena arena;
    private final MemorySegment results;
    private MemorySegment code;
    private MemorySegment tables;
    private MemorySegment outputs;
    private int codeRoom = TYPICAL;
    private int tableRoom = TYPICAL;
    private int outputRoom = TYPICAL;

    FormulaStructs(Arena arena) {
        this.arena = arena;
        results = ingot_formula_result.allocateArray(Formula.MAX_RESULTS, arena);
        code = ingot_instruction.allocateArray(codeRoom, arena);
        tables = arena.allocate(ValueLayout.ADDRESS, tableRoom);
        outputs = ingot_formula_output.allocateArray(outputRoom, arena);
    }

    /** Writes everything but inputs, start and count. */
    void write(MemorySegment args, Formula formula, FormulaResults to) {
        makeRoom(formula);
        writeCode(formula.code());
        for (int i = 0; i < formula.tables().size(); i++) {
            tables.setAtIndex(ValueLayout.ADDRESS, i, formula.tables().get(i).data());
        }
        writeOutputs(formula, to);
        for (int i = 0; i < formula.results().size(); i++) {
            Formula.Result result = formula.results().get(i);
            MemorySegment struct = ingot_formula_result.asSlice(results, i);
            ingot_formula_result.reduction(struct, result.reduction().ordinal());
            ingot_formula_result.a(struct, result.a());
            ingot_formula_result.b(struct, result.b());
        }
        ingot_formula_args.code(args, code);
        ingot_formula_args.tables(args, tables);
        ingot_formula_args.outputs(args, outputs);
        ingot_formula_args.results(args, results);
        ingot_formula_args.values(args, to.values());
        ingot_formula_args.row_length(args, formula.rowLength());
        ingot_formula_args.instruction_count(args, formula.code().size());
        ingot_formula_args.table_count(args, formula.tables().size());
        ingot_formula_args.output_count(args, formula.outputs().size() + formula.bits().size());
        ingot_formula_args.result_count(args, formula.results().size());
    }

    private void makeRoom(Formula formula) {
        if (formula.code().size() > codeRoom) {
            codeRoom = 2 * formula.code().size();
            code = ingot_instruction.allocateArray(codeRoom, arena);
        }
        if (formula.tables().size() > tableRoom) {
            tableRoom = 2 * formula.tables().size();
            tables = arena.allocate(ValueLayout.ADDRESS, tableRoom);
        }
        int count = formula.outputs().size() + formula.bits().size();
        if (count > outputRoom) {
            outputRoom = 2 * count;
            outputs = ingot_formula_output.allocateArray(outputRoom, arena);
        }
    }

    private void writeCode(List<Formula.Instruction> instructions) {
        for (int i = 0; i < instructions.size(); i++) {
            Formula.Instruction instruction = instructions.get(i);
            MemorySegment struct = ingot_instruction.asSlice(code, i);
            ingot_instruction.op(struct, instruction.op().ordinal());
            ingot_instruction.target(struct, instruction.target());
            ingot_instruction.a(struct, instruction.a());
            ingot_instruction.b(struct, instruction.b());
            ingot_instruction.c(struct, instruction.c());
            ingot_instruction.k0(struct, instruction.k0());
            ingot_instruction.k1(struct, instruction.k1());
        }
    }

    private void writeOutputs(Formula formula, FormulaResults to) {
        int index = 0;
        for (int i = 0; i < formula.outputs().size(); i++) {
            MemorySegment struct = ingot_formula_output.asSlice(outputs, index++);
            CpuStructs.operand(ingot_formula_output.to(struct), to.outputs().get(i));
            ingot_formula_output.from(struct, formula.outputs().get(i));
        }
        for (int i = 0; i < formula.bits().size(); i++) {
            MemorySegment struct = ingot_formula_output.asSlice(outputs, index++);
            ingot_operand.data(ingot_formula_output.to(struct), to.bits().get(i));
            ingot_operand.dtype(ingot_formula_output.to(struct), IngotNative.INGOT_BITS());
            ingot_formula_output.from(struct, formula.bits().get(i));
        }
    }
}

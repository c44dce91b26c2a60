// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import dev.ingot.ffi.nativelib.IngotNative;
import dev.ingot.ffi.nativelib.ingot_formula_args;
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
    private MemorySegment code;
    private MemorySegment tables;
    private MemorySegment outputs;
    private int codeRoom = TYPICAL;
    private int tableRoom = TYPICAL;
    private int outputRoom = TYPICAL;

    FormulaStructs(Arena arena) {
        this.arena = arena;
        code = ingot_instruction.allocateArray(codeRoom, arena);
        tables = arena.allocate(ValueLayout.ADDRESS, tableRoom);
        outputs = ingot_operand.allocateArray(outputRoom, arena);
    }

    /** Writes everything but inputs, start and count. */
    void write(MemorySegment args, Formula formula, FormulaResults to) {
        makeRoom(formula);
        writeCode(formula.code());
        for (int i = 0; i < formula.tables().size(); i++) {
            tables.setAtIndex(ValueLayout.ADDRESS, i, formula.tables().get(i).data());
        }
        writeOutputs(to);
        ingot_formula_args.code(args, code);
        ingot_formula_args.tables(args, tables);
        ingot_formula_args.outputs(args, outputs);
        ingot_formula_args.values(args, to.values());
        ingot_formula_args.row_length(args, formula.rowLength());
        ingot_formula_args.instruction_count(args, formula.code().size());
        ingot_formula_args.table_count(args, formula.tables().size());
        ingot_formula_args.output_count(args, formula.outputs() + formula.bits());
        ingot_formula_args.result_count(args, formula.results().size());
    }

    /** The instructions of the formula that was written last. */
    MemorySegment code() {
        return code;
    }

    /** Instructions alone. */
    MemorySegment codeOf(List<Formula.Instruction> instructions) {
        if (instructions.size() > codeRoom) {
            codeRoom = 2 * instructions.size();
            code = ingot_instruction.allocateArray(codeRoom, arena);
        }
        writeCode(instructions);
        return code;
    }

    /** Addresses of tables that lie elsewhere; of a formula that was written before. */
    MemorySegment addresses(List<MemorySegment> places) {
        for (int i = 0; i < places.size(); i++) {
            tables.setAtIndex(ValueLayout.ADDRESS, i, places.get(i));
        }
        return tables;
    }

    /** Outputs that lie elsewhere; of a formula that was written before. */
    MemorySegment places(List<Operand> others, List<MemorySegment> bits) {
        writeOutputs(new FormulaResults(others, bits, MemorySegment.NULL));
        return outputs;
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
        int count = formula.outputs() + formula.bits();
        if (count > outputRoom) {
            outputRoom = 2 * count;
            outputs = ingot_operand.allocateArray(outputRoom, arena);
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

    private void writeOutputs(FormulaResults to) {
        int index = 0;
        for (Operand output : to.outputs()) {
            KernelStructs.operand(ingot_operand.asSlice(outputs, index++), output);
        }
        for (MemorySegment bits : to.bits()) {
            MemorySegment struct = ingot_operand.asSlice(outputs, index++);
            ingot_operand.data(struct, bits);
            ingot_operand.dtype(struct, IngotNative.INGOT_BITS());
        }
    }
}

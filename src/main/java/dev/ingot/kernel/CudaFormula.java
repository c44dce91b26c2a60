// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import dev.ingot.ffi.gpu.ingot_gpu_formula_args;
import dev.ingot.ffi.gpu.ingot_gpu_segments_args;
import dev.ingot.ffi.nativelib.ingot_formula_args;
import dev.ingot.ffi.nativelib.ingot_instruction;
import dev.ingot.ffi.nativelib.ingot_operand;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Formulas on a GPU. */
final class CudaFormula {
    private static final int WORD = Integer.BYTES;

    private final CudaRing ring;
    private final KernelStructs operands;
    private final FormulaStructs structs;
    private final FormulaStructs resultStructs;
    private final MemorySegment args;
    private final MemorySegment arguments;
    private final MemorySegment segments;

    CudaFormula(CudaRing ring, KernelStructs operands, Arena arena) {
        this.ring = ring;
        this.operands = operands;
        structs = new FormulaStructs(arena);
        resultStructs = new FormulaStructs(arena);
        args = ingot_formula_args.allocate(arena);
        arguments = ingot_gpu_formula_args.allocate(arena);
        segments = ingot_gpu_segments_args.allocate(arena);
    }

    /** Answers whether its pieces fit into the ring. */
    boolean run(Formula formula, Tile tile, FormulaResults to) {
        List<Operand> inputs =
                Stream.concat(tile.base().stream(), tile.models().stream()).toList();
        long row = formula.rowLength();
        // Within one row segments are counted from its start; otherwise pieces are made of rows.
        boolean withinRow = row > 0 && tile.start() % row + tile.count() <= row;
        long origin = withinRow ? tile.start() % row : tile.start();
        long step = formula.results().isEmpty() ? CudaCut.VECTOR : withinRow || row == 0 ? Kernels.CHUNK : row;
        return ring.run(cut(formula, inputs, to, step), origin, tile.count(), (slot, first, n) ->
                submit(slot, formula, inputs, tile.start() + first, first, n, to));
    }

    private static CudaCut cut(Formula formula, List<Operand> inputs, FormulaResults to, long step) {
        long row = formula.rowLength();
        int results = formula.results().size();
        long segment = row == 0 ? Kernels.CHUNK : Math.min(row, Kernels.CHUNK);
        long tables = formula.tables().size();
        long bytes = CudaElementwise.bytes(inputs) + CudaElementwise.bytes(to.outputs())
                + to.bits().size()
                + Math.ceilDiv((long) results * Double.BYTES, segment)
                + tables * (row > 0 && row < WORD ? WORD : 1);
        long fixed = ingot_formula_args.sizeof() + formula.code().size() * ingot_instruction.sizeof()
                + (inputs.size() + to.outputs().size() + to.bits().size()) * ingot_operand.sizeof()
                + results * (ingot_instruction.sizeof() + 2L * Double.BYTES)
                + tables * (row * Float.BYTES + ValueLayout.ADDRESS.byteSize() + 2L * WORD);
        int regions = inputs.size() + to.outputs().size() + to.bits().size() + (int) tables + 7;
        CudaCut cut = CudaCut.of(step, bytes, regions, fixed);
        return results == 0 ? cut : cut.withScratch(2L * results * Float.BYTES, 1, 0);
    }

    private void submit(
            CudaSlot slot, Formula formula, List<Operand> inputs, long start, long first, long n, FormulaResults to) {
        long lead = start % CudaCut.VECTOR;
        structs.write(args, formula, to);
        List<Operand> uploaded = slot.inputs(inputs, first, n, lead);
        ingot_formula_args.inputs(args, slot.put(operands.operands(uploaded), uploaded.size() * ingot_operand.sizeof()));
        ingot_formula_args.code(args, slot.put(structs.code(), formula.code().size() * ingot_instruction.sizeof()));
        List<MemorySegment> tables = new ArrayList<>();
        for (int i = 0; i < formula.tables().size(); i++) {
            tables.add(table(slot, formula, i, start, n));
        }
        ingot_formula_args.tables(args, slot.put(structs.addresses(tables), tables.size() * ValueLayout.ADDRESS.byteSize()));
        int results = formula.results().size();
        MemorySegment made = slot.put(resultStructs.codeOf(results(formula)), results * ingot_instruction.sizeof());
        int outputCount = to.outputs().size() + to.bits().size();
        MemorySegment places = slot.hold(outputCount * ingot_operand.sizeof());
        MemorySegment formulaArgs = slot.hold(ingot_formula_args.sizeof());
        slot.endInput();
        List<Operand> outputs = new ArrayList<>();
        for (Operand output : to.outputs()) {
            outputs.add(slot.output(output, first, n, lead));
        }
        List<MemorySegment> bits = new ArrayList<>();
        for (MemorySegment destination : to.bits()) {
            long bytes = Math.ceilDiv(n, Integer.SIZE) * WORD;
            bits.add(slot.result(bytes, region -> BitCopy.replace(region, destination, first, n)));
        }
        slot.fill(places, structs.places(outputs, bits));
        ingot_formula_args.outputs(args, places);
        ingot_formula_args.start(args, start);
        ingot_formula_args.count(args, n);
        ingot_formula_args.input_count(args, uploaded.size());
        slot.fill(formulaArgs, args);
        ingot_gpu_formula_args.formula(arguments, formulaArgs);
        slot.upload();
        bits.forEach(slot::clear);
        ingot_gpu_formula_args.stride(arguments, n);
        if (results > 0) {
            ingot_gpu_formula_args.reduced(arguments, slot.scratch(2L * results * n * Float.BYTES));
        }
        slot.launch(CudaFunction.FORMULA, CudaFunction.FORMULA.blocks(lead + n), 1, arguments);
        if (results > 0) {
            reduce(slot, formula, made, start, first, n, to);
        }
        slot.download();
    }

    private void reduce(
            CudaSlot slot, Formula formula, MemorySegment made, long start, long first, long n, FormulaResults to) {
        int results = formula.results().size();
        long count = Formula.segments(start, n, formula.rowLength());
        long before = Formula.segments(start - first, first, formula.rowLength());
        long bytes = count * results * Double.BYTES;
        MemorySegment values = slot.result(bytes, region -> MemorySegment.copy(
                region, 0, to.values(), before * results * Double.BYTES, bytes));
        ingot_gpu_segments_args.reduced(segments, ingot_gpu_formula_args.reduced(arguments));
        ingot_gpu_segments_args.results(segments, made);
        ingot_gpu_segments_args.values(segments, values);
        ingot_gpu_segments_args.stride(segments, n);
        ingot_gpu_segments_args.start(segments, start);
        ingot_gpu_segments_args.count(segments, n);
        ingot_gpu_segments_args.row_length(segments, formula.rowLength());
        ingot_gpu_segments_args.segments(segments, count);
        ingot_gpu_segments_args.result_count(segments, results);
        slot.launch(CudaFunction.SEGMENTS, CudaFunction.SEGMENTS.blocks(count * results), 1, segments);
    }

    /** The instructions that make results, in the order of results. */
    private static List<Formula.Instruction> results(Formula formula) {
        return formula.code().stream()
                .filter(instruction -> instruction.op().reduces())
                .sorted(Comparator.comparingInt(Formula.Instruction::target))
                .toList();
    }

    /** Sends a table's entries for a run of elements; the address is that of the table's first entry, sent or not. */
    private static MemorySegment table(CudaSlot slot, Formula formula, int number, long start, long n) {
        MemorySegment data = formula.tables().get(number).data();
        long row = formula.rowLength();
        Optional<FormulaOp> use = formula.code().stream()
                .filter(instruction -> instruction.op().readsTable() && instruction.a() == number)
                .findFirst()
                .map(Formula.Instruction::op);
        if (use.isEmpty()) {
            return MemorySegment.NULL;
        }
        long from = switch (use.get()) {
            case ROW -> row == 0 ? 0 : start / row * Float.BYTES;
            case COLUMN -> row == 0 ? start * Float.BYTES : 0;
            default -> start >> 3;
        };
        long end = switch (use.get()) {
            case ROW -> row == 0 ? Float.BYTES : ((start + n - 1) / row + 1) * Float.BYTES;
            case COLUMN -> row == 0 ? (start + n) * Float.BYTES : row * Float.BYTES;
            default -> (start + n - 1 >> 3) + 1;
        };
        return MemorySegment.ofAddress(slot.put(data.asSlice(from, end - from), end - from).address() - from);
    }
}

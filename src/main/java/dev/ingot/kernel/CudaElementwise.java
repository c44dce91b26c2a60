// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import dev.ingot.ffi.nativelib.ingot_convert_args;
import dev.ingot.ffi.nativelib.ingot_delta_merge_args;
import dev.ingot.ffi.nativelib.ingot_delta_term;
import dev.ingot.ffi.nativelib.ingot_operand;
import dev.ingot.ffi.nativelib.ingot_weighted_sum_args;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.Stream;

/** Conversion, weighted sum and merged deltas on a GPU. Every method answers whether its pieces fit into the ring. */
final class CudaElementwise {
    private final CudaRing ring;
    private final KernelStructs structs;
    private final MemorySegment convert;
    private final MemorySegment weightedSum;
    private final MemorySegment deltaMerge;

    CudaElementwise(CudaRing ring, KernelStructs structs, Arena arena) {
        this.ring = ring;
        this.structs = structs;
        convert = ingot_convert_args.allocate(arena);
        weightedSum = ingot_weighted_sum_args.allocate(arena);
        deltaMerge = ingot_delta_merge_args.allocate(arena);
    }

    boolean convert(Operand input, Operand output, long count) {
        long bytes = input.dtype().bytes() + output.dtype().bytes();
        return ring.run(CudaCut.of(CudaCut.VECTOR, bytes, 2, 0), 0, count, (slot, first, n) -> {
            KernelStructs.operand(ingot_convert_args.input(convert), slot.input(input, first, n, 0));
            slot.upload();
            KernelStructs.operand(ingot_convert_args.output(convert), slot.output(output, first, n, 0));
            ingot_convert_args.count(convert, n);
            slot.launch(CudaFunction.CONVERT, CudaFunction.CONVERT.blocks(n), 1, convert);
            slot.download();
        });
    }

    boolean weightedSum(WeightedSum op, Tile tile, Operand output) {
        int models = tile.models().size();
        long operands = models * ingot_operand.sizeof();
        long weights = models * (long) Float.BYTES;
        CudaCut cut = CudaCut.of(
                CudaCut.VECTOR, bytes(tile.models()) + output.dtype().bytes(), models + 3, operands + weights);
        CudaFunction function = CudaFunction.WEIGHTED_SUM.of(Stream.concat(tile.models().stream(), Stream.of(output)));
        return ring.run(cut, 0, tile.count(), (slot, first, n) -> {
            MemorySegment inputs = structs.operands(slot.inputs(tile.models(), first, n, 0));
            ingot_weighted_sum_args.inputs(weightedSum, slot.put(inputs, operands));
            ingot_weighted_sum_args.weights(weightedSum, slot.put(structs.weights(op.weights()), weights));
            slot.upload();
            KernelStructs.operand(ingot_weighted_sum_args.output(weightedSum), slot.output(output, first, n, 0));
            ingot_weighted_sum_args.count(weightedSum, n);
            ingot_weighted_sum_args.input_count(weightedSum, models);
            slot.launch(function, function.blocks(n), 1, weightedSum);
            slot.download();
        });
    }

    boolean deltaMerge(DeltaMerge op, Tile tile, Operand output) {
        Operand base = tile.requireBase();
        int models = tile.models().size();
        long terms = models * ingot_delta_term.sizeof();
        long bytes = base.dtype().bytes() + bytes(tile.models()) + output.dtype().bytes();
        CudaFunction function =
                CudaFunction.DELTA_MERGE.of(Stream.concat(Stream.of(base, output), tile.models().stream()));
        List<Mask> masks = op.terms().stream().map(DeltaMerge.Term::mask).toList();
        return ring.run(cut(CudaCut.VECTOR, bytes, models + 3, terms, masks), tile.start(), tile.count(), (slot, first, n) -> {
            long start = tile.start() + first;
            // A GPU thread's vector of elements never straddles a block of random words.
            long lead = start % CudaCut.VECTOR;
            KernelStructs.operand(ingot_delta_merge_args.base(deltaMerge), slot.input(base, first, n, lead));
            MemorySegment inputs = structs.terms(op.terms(), slot.inputs(tile.models(), first, n, lead), sent(masks, slot, start, n));
            ingot_delta_merge_args.terms(deltaMerge, slot.put(inputs, terms));
            slot.upload();
            KernelStructs.operand(ingot_delta_merge_args.output(deltaMerge), slot.output(output, first, n, lead));
            ingot_delta_merge_args.start(deltaMerge, start);
            ingot_delta_merge_args.count(deltaMerge, n);
            ingot_delta_merge_args.term_count(deltaMerge, models);
            ingot_delta_merge_args.consensus(deltaMerge, op.consensus() ? 1 : 0);
            ingot_delta_merge_args.normalize(deltaMerge, op.normalize() ? 1 : 0);
            ingot_delta_merge_args.divisor(deltaMerge, op.divisor());
            ingot_delta_merge_args.lambda(deltaMerge, op.lambda());
            slot.launch(function, function.blocks(lead + n), 1, deltaMerge);
            slot.download();
        });
    }

    /** A cut for work with masks, whose bits take regions of their own. */
    static CudaCut cut(long step, long bytesPerElement, int regions, long arrays, List<Mask> masks) {
        int bits = (int) masks.stream().filter(Mask.Bits.class::isInstance).count();
        return CudaCut.of(step, bytesPerElement + bits, regions + bits, arrays);
    }

    /** The masks with the bits of a run of elements on the GPU; their tables are addresses of the first element's bit, sent or not. */
    static List<Mask> sent(List<Mask> masks, CudaSlot slot, long start, long count) {
        return masks.stream().map(mask -> mask instanceof Mask.Bits(Table table) ? sent(table, slot, start, count) : mask).toList();
    }

    private static Mask sent(Table table, CudaSlot slot, long start, long count) {
        MemorySegment bytes = table.bytesOf(start, count);
        long place = slot.put(bytes, bytes.byteSize()).address();
        return new Mask.Bits(new Table(MemorySegment.ofAddress(place - (start >> 3))));
    }

    /** Bytes that one element of all operands takes. */
    static long bytes(List<Operand> operands) {
        return operands.stream().mapToLong(operand -> operand.dtype().bytes()).sum();
    }
}

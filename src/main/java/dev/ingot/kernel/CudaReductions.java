// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import dev.ingot.ffi.gpu.IngotGpu;
import dev.ingot.ffi.nativelib.ingot_delta_sums_args;
import dev.ingot.ffi.nativelib.ingot_delta_term;
import dev.ingot.ffi.nativelib.ingot_gram_args;
import dev.ingot.ffi.nativelib.ingot_operand;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Sums on a GPU. Every method answers whether its pieces fit into the ring. */
final class CudaReductions {
    private final CudaRing ring;
    private final KernelStructs structs;
    private final MemorySegment deltaSums;
    private final MemorySegment gram;

    CudaReductions(CudaRing ring, KernelStructs structs, Arena arena) {
        this.ring = ring;
        this.structs = structs;
        deltaSums = ingot_delta_sums_args.allocate(arena);
        gram = ingot_gram_args.allocate(arena);
    }

    boolean deltaSums(List<Mask> masks, Tile tile, MemorySegment sums) {
        Operand base = tile.requireBase();
        int models = masks.size();
        long terms = models * ingot_delta_term.sizeof();
        long perChunk = 2L * models * Double.BYTES;
        int rows = Math.ceilDiv(models, IngotGpu.INGOT_GPU_DELTA_SUMS_TERMS());
        CudaCut cut =
                cut(base.dtype().bytes() + CudaElementwise.bytes(tile.models()), models + 3, terms, perChunk, masks);
        return ring.run(cut, tile.start(), tile.count(), (slot, first, n) -> {
            KernelStructs.operand(ingot_delta_sums_args.base(deltaSums), slot.input(base, first, n, 0));
            MemorySegment inputs = structs.masked(
                    CudaElementwise.sent(masks, slot, tile.start() + first, n), slot.inputs(tile.models(), first, n, 0));
            ingot_delta_sums_args.terms(deltaSums, slot.put(inputs, terms));
            slot.upload();
            ingot_delta_sums_args.sums(deltaSums, sums(slot, sums, perChunk, first, n));
            ingot_delta_sums_args.start(deltaSums, tile.start() + first);
            ingot_delta_sums_args.count(deltaSums, n);
            ingot_delta_sums_args.term_count(deltaSums, models);
            slot.launch(CudaFunction.DELTA_SUMS, CudaFunction.DELTA_SUMS.blocks(n), rows, deltaSums);
            slot.download();
        });
    }

    boolean gram(Tile tile, MemorySegment sums) {
        int models = tile.models().size();
        long operands = models * ingot_operand.sizeof();
        long perChunk = (long) Arguments.pairs(models) * Double.BYTES;
        boolean plainPair = models == 2 && tile.base().isEmpty();
        CudaFunction function = plainPair ? CudaFunction.GRAM.of(tile.models().stream()) : CudaFunction.GRAM;
        int groups = Math.ceilDiv(models, IngotGpu.INGOT_GPU_GRAM_ROWS());
        int rows = function == CudaFunction.GRAM ? Arguments.pairs(groups) : 1;
        long bytes = tile.base().map(base -> (long) base.dtype().bytes()).orElse(0L) + CudaElementwise.bytes(tile.models());
        return ring.run(cut(bytes, models + 3, operands, perChunk, List.of()), tile.start(), tile.count(), (slot, first, n) -> {
            MemorySegment base = ingot_gram_args.base(gram);
            ingot_operand.data(base, MemorySegment.NULL);
            tile.base().ifPresent(origin -> KernelStructs.operand(base, slot.input(origin, first, n, 0)));
            MemorySegment inputs = structs.operands(slot.inputs(tile.models(), first, n, 0));
            ingot_gram_args.inputs(gram, slot.put(inputs, operands));
            slot.upload();
            ingot_gram_args.sums(gram, sums(slot, sums, perChunk, first, n));
            ingot_gram_args.count(gram, n);
            ingot_gram_args.input_count(gram, models);
            slot.launch(function, function.blocks(n), rows, gram);
            slot.download();
        });
    }

    /** Sums of a chunk that a piece has only in part are counted as fixed, as are those of one chunk more for rounding. */
    private static CudaCut cut(long bytesPerElement, int regions, long arrays, long bytesPerChunk, List<Mask> masks) {
        long more = Math.ceilDiv(bytesPerChunk, Kernels.CHUNK);
        return CudaElementwise.cut(Kernels.CHUNK, bytesPerElement + more, regions, arrays + bytesPerChunk, masks);
    }

    private static MemorySegment sums(CudaSlot slot, MemorySegment sums, long perChunk, long first, long count) {
        long bytes = Math.ceilDiv(count, Kernels.CHUNK) * perChunk;
        MemorySegment destination = sums.asSlice(first / Kernels.CHUNK * perChunk, bytes);
        return slot.result(bytes, destination::copyFrom);
    }
}

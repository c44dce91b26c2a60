// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import dev.ingot.ffi.gpu.IngotGpu;
import dev.ingot.ffi.gpu.ingot_gpu_nth_args;
import dev.ingot.ffi.gpu.ingot_gpu_scan_args;
import dev.ingot.ffi.gpu.ingot_gpu_scan_counts;
import dev.ingot.ffi.nativelib.ingot_select_histogram_args;
import dev.ingot.ffi.nativelib.ingot_select_term;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** Exact selection by magnitude on a GPU. What does not fit into the ring is answered with false or empty. */
final class CudaSelection {
    private static final long BLOCK = IngotGpu.INGOT_GPU_SELECT_SCAN_ELEMENTS();

    private final CudaRing ring;
    private final KernelStructs structs;
    private final MemorySegment scan;
    private final MemorySegment nth;
    private final MemorySegment histogram;

    CudaSelection(CudaRing ring, KernelStructs structs, Arena arena) {
        this.ring = ring;
        this.structs = structs;
        scan = ingot_gpu_scan_args.allocate(arena);
        nth = ingot_gpu_nth_args.allocate(arena);
        histogram = ingot_select_histogram_args.allocate(arena);
    }

    /** What a scan's kernels take of a slot. */
    private static CudaCut cut(Tile tile) {
        int models = tile.models().size();
        long bytes = tile.requireBase().dtype().bytes() + CudaElementwise.bytes(tile.models());
        // Staged keys and candidates, and counts and places, which are less than a byte per element.
        long scratch = 2L * models * Integer.BYTES + 1;
        return CudaCut.of(BLOCK, bytes, models + 3, models * ingot_select_term.sizeof())
                .withScratch(scratch, models + 3, models * BLOCK * Integer.BYTES);
    }

    Optional<List<ScanCounts>> scan(List<Bracket> brackets, Tile tile, List<MemorySegment> candidates) {
        int models = brackets.size();
        List<ScanCounts> totals = new ArrayList<>(Collections.nCopies(models, new ScanCounts(0, 0, 0, 0)));
        CudaFunction function = scanOf(tile);
        boolean wanted = candidates.stream().anyMatch(buffer -> buffer.byteSize() >= Integer.BYTES);
        boolean done = ring.run(cut(tile), 0, tile.count(), (slot, first, n) -> {
            KernelStructs.operand(ingot_gpu_scan_args.base(scan), slot.input(tile.requireBase(), first, n, 0));
            List<Operand> inputs = slot.inputs(tile.models(), first, n, 0);
            List<MemorySegment> room = candidates.stream()
                    .map(buffer -> slot.scratch(Math.min(buffer.byteSize() / Integer.BYTES, n) * Integer.BYTES))
                    .toList();
            MemorySegment terms = putTerms(slot, brackets, inputs, room);
            slot.upload();
            int blocks = startScan(slot, function, models, n, slot.scratch(countBytes(models, n)));
            slot.launch(CudaFunction.SELECT_TOTALS, models, 1, scan);
            if (wanted) {
                slot.launch(CudaFunction.SELECT_GATHER, blocks, models, scan);
            }
            slot.resultIn(terms, region -> collect(slot, region, room, totals, candidates));
            slot.download();
        });
        return done ? Optional.of(List.copyOf(totals)) : Optional.empty();
    }

    /** Takes over the terms, which point to the models and to the room for candidates. */
    private MemorySegment putTerms(
            CudaSlot slot, List<Bracket> brackets, List<Operand> models, List<MemorySegment> room) {
        MemorySegment terms = structs.scanTerms(brackets, models, room);
        MemorySegment put = slot.put(terms, brackets.size() * ingot_select_term.sizeof());
        ingot_gpu_scan_args.terms(scan, put);
        return put;
    }

    private static CudaFunction scanOf(Tile tile) {
        return CudaFunction.SELECT_SCAN.of(Stream.concat(tile.base().stream(), tile.models().stream()));
    }

    private static long countBytes(int models, long count) {
        return models * Math.ceilDiv(count, BLOCK) * ingot_gpu_scan_counts.sizeof();
    }

    /** Counts and stages; gives the number of blocks. */
    private int startScan(CudaSlot slot, CudaFunction function, int models, long count, MemorySegment counts) {
        int blocks = function.blocks(count);
        ingot_gpu_scan_args.counts(scan, counts);
        ingot_gpu_scan_args.places(scan, slot.scratch((long) models * blocks * Long.BYTES));
        ingot_gpu_scan_args.staged(scan, slot.scratch(models * blocks * BLOCK * Integer.BYTES));
        ingot_gpu_scan_args.count(scan, count);
        ingot_gpu_scan_args.blocks(scan, blocks);
        ingot_gpu_scan_args.term_count(scan, models);
        slot.launch(function, blocks, 1, scan);
        return blocks;
    }

    /** Adds up a piece's counts and appends its candidates, of which only now is known how many there are. */
    private static void collect(
            CudaSlot slot,
            MemorySegment terms,
            List<MemorySegment> room,
            List<ScanCounts> totals,
            List<MemorySegment> candidates) {
        List<ScanCounts> before = List.copyOf(totals);
        List<Long> found = new ArrayList<>();
        for (int i = 0; i < totals.size(); i++) {
            ScanCounts piece = KernelStructs.scanned(terms, i);
            found.add(piece.inside());
            ScanCounts sum = totals.get(i);
            totals.set(i, new ScanCounts(
                    sum.above() + piece.above(),
                    sum.atHigh() + piece.atHigh(),
                    sum.inside() + piece.inside(),
                    sum.atLow() + piece.atLow()));
        }
        for (int i = 0; i < totals.size(); i++) {
            long at = before.get(i).inside();
            long keys = Math.min(found.get(i), candidates.get(i).byteSize() / Integer.BYTES - at);
            if (keys > 0) {
                long bytes = keys * Integer.BYTES;
                slot.fetch(room.get(i).asSlice(0, bytes), candidates.get(i).asSlice(at * Integer.BYTES, bytes));
            }
        }
    }

    /** The position, or -1; the blocks' counts tell which block to search. */
    OptionalLong nthEqual(Operand base, Operand model, long count, int key, long wanted) {
        Tile tile = new Tile(0, count, Optional.of(base), List.of(model));
        long piece = ring.wholePiece(cut(tile), count);
        if (key < 0 || count == 0) {
            // Keys have no sign.
            return OptionalLong.of(-1);
        }
        return piece == 0
                ? OptionalLong.empty()
                : ring.alone(slot -> OptionalLong.of(nthEqual(slot, tile, key, wanted, piece)));
    }

    private long nthEqual(CudaSlot slot, Tile tile, int key, long wanted, long piece) {
        long left = wanted;
        for (long first = 0; first < tile.count(); first += piece) {
            long n = Math.min(piece, tile.count() - first);
            List<Long> equal = equalPerBlock(slot, tile, key, first, n);
            for (int block = 0; block < equal.size(); block++) {
                if (left <= equal.get(block)) {
                    return first + search(slot, key, left, block * BLOCK, Math.min(BLOCK, n - block * BLOCK));
                }
                left -= equal.get(block);
            }
        }
        return -1;
    }

    /** Leaves the operands where the search of a block finds them. */
    private List<Long> equalPerBlock(CudaSlot slot, Tile tile, int key, long first, long count) {
        List<Long> equal = new ArrayList<>();
        slot.begin();
        Operand base = slot.input(tile.requireBase(), first, count, 0);
        Operand model = slot.input(tile.models().getFirst(), first, count, 0);
        KernelStructs.operand(ingot_gpu_scan_args.base(scan), base);
        KernelStructs.operand(ingot_gpu_nth_args.base(nth), base);
        KernelStructs.operand(ingot_gpu_nth_args.model(nth), model);
        putTerms(slot, List.of(new Bracket(key, key)), List.of(model), List.of(MemorySegment.NULL));
        slot.upload();
        MemorySegment counts = slot.result(countBytes(1, count), region -> {
            for (long block = 0; block < region.byteSize() / ingot_gpu_scan_counts.sizeof(); block++) {
                equal.add(Integer.toUnsignedLong(
                        ingot_gpu_scan_counts.at_high(ingot_gpu_scan_counts.asSlice(region, block))));
            }
        });
        startScan(slot, scanOf(tile), 1, count, counts);
        slot.download();
        slot.finish();
        return equal;
    }

    /** The position, relative to the operands, of an element that is known to lie in this block. */
    private long search(CudaSlot slot, int key, long wanted, long first, long count) {
        long[] position = new long[1];
        ingot_gpu_nth_args.position(
                nth, slot.result(Long.BYTES, region -> position[0] = region.get(ValueLayout.JAVA_LONG, 0)));
        ingot_gpu_nth_args.first(nth, first);
        ingot_gpu_nth_args.count(nth, count);
        ingot_gpu_nth_args.nth(nth, wanted);
        ingot_gpu_nth_args.key(nth, key);
        slot.launch(CudaFunction.SELECT_NTH_EQUAL, 1, 1, nth);
        slot.download();
        slot.finish();
        return position[0];
    }

    /** Histogram of a delta's keys; bins are added to when all is done. */
    boolean histogram(Operand base, Operand model, long count, int prefix, MemorySegment bins) {
        int binCount = prefix < 0 ? Arguments.COARSE_BINS : Arguments.FINE_BINS;
        long[] totals = new long[binCount];
        CudaCut cut = CudaCut.of(BLOCK, base.dtype().bytes() + model.dtype().bytes(), 3, binCount * (long) Long.BYTES);
        boolean done = ring.run(cut, 0, count, (slot, first, n) -> {
            KernelStructs.operand(ingot_select_histogram_args.base(histogram), slot.input(base, first, n, 0));
            KernelStructs.operand(ingot_select_histogram_args.model(histogram), slot.input(model, first, n, 0));
            slot.upload();
            ingot_select_histogram_args.bins(histogram, CudaKeys.cleared(slot, totals));
            ingot_select_histogram_args.count(histogram, n);
            ingot_select_histogram_args.prefix(histogram, prefix);
            slot.launch(CudaFunction.SELECT_HISTOGRAM, CudaFunction.SELECT_HISTOGRAM.blocks(n), 1, histogram);
            slot.download();
        });
        for (int i = 0; done && i < binCount; i++) {
            bins.set(Blocks.LONG, (long) i * Long.BYTES, bins.get(Blocks.LONG, (long) i * Long.BYTES) + totals[i]);
        }
        return done;
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.measure;

import dev.ingot.cuda.DeviceMemory;
import dev.ingot.cuda.Owned;
import dev.ingot.ffi.gpu.IngotGpu;
import dev.ingot.ffi.gpu.ingot_gpu_nth_args;
import dev.ingot.ffi.gpu.ingot_gpu_scan_args;
import dev.ingot.ffi.gpu.ingot_gpu_scan_counts;
import dev.ingot.ffi.nativelib.ingot_delta_merge_args;
import dev.ingot.ffi.nativelib.ingot_delta_term;
import dev.ingot.ffi.nativelib.ingot_select_term;
import dev.ingot.kernel.Bracket;
import dev.ingot.kernel.DeltaMerge;
import dev.ingot.kernel.MagnitudeSampling;
import dev.ingot.kernel.Mask;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * All of TIES on tensors in a GPU's memory: brackets from samples, one counting scan, the k-th largest magnitude of each delta,
 * the place where ties are cut, and the merge. Every step is done for all tensors of a round before the host looks at what
 * came of it, so that they share the waits.
 */
final class DeviceSelection implements AutoCloseable {
    private static final long BLOCK = IngotGpu.INGOT_GPU_SELECT_SCAN_ELEMENTS();

    /** Keys that suit the alignment of operands. */
    private static final long KEYS = IngotGpu.INGOT_GPU_ALIGNMENT() / Integer.BYTES;

    private final DeviceQueue queue;
    private final DeviceOperands operands;
    private final int tensors;
    private final int models;
    private final DeviceKernel scan;
    private final int blocks;
    private final Owned owned = new Owned();
    private final Arena arena = Arena.ofShared();
    private final DeviceSample sample;
    private final DeviceRanks ranks;
    private final DeviceArrays.Twin scanTerms;
    private final DeviceArrays.Twin counts;
    private final DeviceArrays.Twin positions;
    private final DeviceArrays.Twin mergeTerms;
    private final List<MemorySegment> scans = new ArrayList<>();
    private final MemorySegment candidates;
    private final long capacity;
    private final MemorySegment nth;
    private final MemorySegment merge;

    DeviceSelection(DeviceQueue queue, WorkerTeam team, DeviceOperands operands, RoundPlan plan) {
        this.queue = queue;
        this.operands = operands;
        tensors = plan.tensors();
        models = plan.operation().models();
        scan = DeviceKernel.scan(operands.dtype());
        blocks = scan.blocks(operands.elements());
        // Keys are operands too: whole alignments, so that those of the next search start where they must.
        capacity = Math.ceilDiv(MagnitudeSampling.capacity(operands.elements(), false), KEYS) * KEYS;
        long searches = (long) tensors * models;
        long countBytes = searches * blocks * ingot_gpu_scan_counts.sizeof();
        DeviceArrays arrays = owned.add(new DeviceArrays(
                DeviceArrays.bytes(searches * ingot_select_term.sizeof())
                        + DeviceArrays.bytes(countBytes)
                        + DeviceArrays.bytes(searches * Long.BYTES)
                        + DeviceArrays.bytes(searches * ingot_delta_term.sizeof())));
        scanTerms = arrays.take(searches * ingot_select_term.sizeof());
        counts = arrays.take(countBytes);
        positions = arrays.take(searches * Long.BYTES);
        mergeTerms = arrays.take(searches * ingot_delta_term.sizeof());
        candidates = device(searches * capacity * Integer.BYTES);
        nth = ingot_gpu_nth_args.allocate(arena);
        merge = ingot_delta_merge_args.allocate(arena);
        sample = owned.add(new DeviceSample(queue, team, operands, tensors, models));
        ranks = owned.add(new DeviceRanks(queue, (int) searches));
        // One tensor after the other is staged, so they share the room.
        MemorySegment places = device((long) models * blocks * Long.BYTES);
        MemorySegment staged = device(models * blocks * BLOCK * Integer.BYTES);
        for (int tensor = 0; tensor < tensors; tensor++) {
            scans.add(scan(tensor, places, staged));
        }
    }

    private MemorySegment device(long bytes) {
        return owned.add(DeviceMemory.allocate(bytes)).segment();
    }

    private MemorySegment scan(int tensor, MemorySegment places, MemorySegment staged) {
        MemorySegment args = ingot_gpu_scan_args.allocate(arena);
        long terms = models * ingot_select_term.sizeof();
        long bytes = models * blocks * ingot_gpu_scan_counts.sizeof();
        DeviceStructs.operand(ingot_gpu_scan_args.base(args), operands.tensor(0, tensor), operands.dtype());
        ingot_gpu_scan_args.terms(args, scanTerms.device().asSlice(tensor * terms, terms));
        ingot_gpu_scan_args.counts(args, counts.device().asSlice(tensor * bytes, bytes));
        ingot_gpu_scan_args.places(args, places);
        ingot_gpu_scan_args.staged(args, staged);
        ingot_gpu_scan_args.count(args, operands.elements());
        ingot_gpu_scan_args.blocks(args, blocks);
        ingot_gpu_scan_args.term_count(args, models);
        return args;
    }

    /** One round. */
    void run() {
        List<Bracket> brackets = sample.brackets();
        List<DeviceRanks.Found> found = new ArrayList<>();
        List<DeviceRanks.Search> open = scanAll(brackets, found);
        ranks.resolve(open, found);
        mergeAll(cuts(brackets, found));
    }

    /** Counts everything; what is settled by counts alone is found, the rest are searches among candidates. */
    private List<DeviceRanks.Search> scanAll(List<Bracket> brackets, List<DeviceRanks.Found> found) {
        for (int i = 0; i < brackets.size(); i++) {
            MemorySegment term = ingot_select_term.asSlice(scanTerms.host(), i);
            term.fill((byte) 0);
            DeviceStructs.operand(
                    ingot_select_term.model(term), operands.tensor(i % models + 1, i / models), operands.dtype());
            ingot_select_term.low(term, brackets.get(i).low());
            ingot_select_term.high(term, brackets.get(i).high());
            ingot_select_term.candidates(term, keys(i));
            ingot_select_term.capacity(term, capacity);
        }
        scanTerms.upload(queue.stream());
        for (MemorySegment args : scans) {
            queue.launch(scan, blocks, 1, args);
            queue.launch(DeviceKernel.SELECT_TOTALS, models, 1, args);
            queue.launch(DeviceKernel.SELECT_GATHER, blocks, models, args);
        }
        scanTerms.download(queue.stream());
        counts.download(queue.stream());
        queue.stream().synchronize();
        List<DeviceRanks.Search> open = new ArrayList<>();
        long keep = Coefficients.keep(operands.elements());
        for (int i = 0; i < brackets.size(); i++) {
            MemorySegment term = ingot_select_term.asSlice(scanTerms.host(), i);
            Bracket bracket = brackets.get(i);
            long rank = keep - ingot_select_term.above(term);
            long atHigh = ingot_select_term.at_high(term);
            long inside = ingot_select_term.inside(term);
            if (rank <= 0 || inside > capacity) {
                throw new IllegalStateException("a sample's bracket missed the magnitude that was looked for");
            }
            if (rank <= atHigh) {
                found.add(new DeviceRanks.Found(bracket.high(), rank, atHigh));
            } else if (rank > atHigh + inside) {
                found.add(new DeviceRanks.Found(
                        bracket.low(), rank - atHigh - inside, ingot_select_term.at_low(term)));
            } else {
                found.add(null);
                open.add(new DeviceRanks.Search(i, keys(i), inside, rank - atHigh, bracket));
            }
        }
        return open;
    }

    private MemorySegment keys(int search) {
        return candidates.asSlice(search * capacity * Integer.BYTES, capacity * Integer.BYTES);
    }

    /** The masks: where not all elements with the threshold's key are kept, the last kept one is looked up. */
    private List<Mask.Magnitude> cuts(List<Bracket> brackets, List<DeviceRanks.Found> found) {
        List<Boolean> searched = new ArrayList<>();
        for (int i = 0; i < found.size(); i++) {
            DeviceRanks.Found threshold = found.get(i);
            searched.add(threshold.wanted() < threshold.equal());
            if (searched.getLast()) {
                lookUp(i, brackets.get(i), threshold);
            }
        }
        positions.download(queue.stream());
        queue.stream().synchronize();
        List<Mask.Magnitude> masks = new ArrayList<>();
        for (int i = 0; i < found.size(); i++) {
            long cut = searched.get(i)
                    ? positions.host().getAtIndex(ValueLayout.JAVA_LONG, i) + 1
                    : Long.MAX_VALUE;
            masks.add(new Mask.Magnitude(found.get(i).key(), cut));
        }
        return masks;
    }

    private void lookUp(int search, Bracket bracket, DeviceRanks.Found threshold) {
        int key = threshold.key();
        boolean atEnd = key == bracket.high() || key == bracket.low();
        if (!atEnd) {
            // Counts of this key alone, by another scan of this delta: few keys inside a bracket are tied.
            recount(search, key);
        }
        long wanted = threshold.wanted();
        long block = 0;
        boolean high = !atEnd || key == bracket.high();
        while (wanted > equal(search, block, high)) {
            wanted -= equal(search, block++, high);
        }
        ingot_gpu_nth_args.position(nth, positions.device().asSlice((long) search * Long.BYTES, Long.BYTES));
        DeviceStructs.operand(
                ingot_gpu_nth_args.base(nth), operands.tensor(0, search / models), operands.dtype());
        DeviceStructs.operand(ingot_gpu_nth_args.model(nth),
                operands.tensor(search % models + 1, search / models), operands.dtype());
        ingot_gpu_nth_args.first(nth, block * BLOCK);
        ingot_gpu_nth_args.count(nth, Math.min(BLOCK, operands.elements() - block * BLOCK));
        ingot_gpu_nth_args.nth(nth, wanted);
        ingot_gpu_nth_args.key(nth, key);
        queue.launch(DeviceKernel.SELECT_NTH_EQUAL, 1, 1, nth);
    }

    private long equal(int search, long block, boolean high) {
        MemorySegment one = ingot_gpu_scan_counts.asSlice(counts.host(), (long) search * blocks + block);
        return Integer.toUnsignedLong(
                high ? ingot_gpu_scan_counts.at_high(one) : ingot_gpu_scan_counts.at_low(one));
    }

    private void recount(int search, int key) {
        long termBytes = ingot_select_term.sizeof();
        long countBytes = blocks * ingot_gpu_scan_counts.sizeof();
        DeviceArrays.Twin term = scanTerms.slice(search * termBytes, termBytes);
        DeviceArrays.Twin counted = counts.slice(search * countBytes, countBytes);
        ingot_select_term.low(term.host(), key);
        ingot_select_term.high(term.host(), key);
        term.upload(queue.stream());
        MemorySegment args = arena.allocate(ingot_gpu_scan_args.layout()).copyFrom(scans.get(search / models));
        ingot_gpu_scan_args.terms(args, term.device());
        ingot_gpu_scan_args.counts(args, counted.device());
        ingot_gpu_scan_args.term_count(args, 1);
        queue.launch(scan, blocks, 1, args);
        counted.download(queue.stream());
        queue.stream().synchronize();
    }

    private void mergeAll(List<Mask.Magnitude> masks) {
        for (int i = 0; i < masks.size(); i++) {
            DeltaMerge one = Coefficients.merge(Operation.TIES, List.of(masks.get(i)));
            DeviceStructs.term(ingot_delta_term.asSlice(mergeTerms.host(), i), one.terms().getFirst(),
                    operands.tensor(i % models + 1, i / models), operands.dtype());
        }
        mergeTerms.upload(queue.stream());
        DeviceKernel kernel = DeviceKernel.deltaMerge(operands.dtype());
        long bytes = models * ingot_delta_term.sizeof();
        for (int tensor = 0; tensor < tensors; tensor++) {
            DeltaMerge whole = Coefficients.merge(
                    Operation.TIES, masks.subList(tensor * models, (tensor + 1) * models));
            DeviceStructs.merge(merge, whole, operands, tensor, mergeTerms.device().asSlice(tensor * bytes, bytes));
            queue.launch(kernel, kernel.blocks(operands.elements()), 1, merge);
        }
    }

    @Override
    public void close() {
        try {
            owned.close();
        } finally {
            arena.close();
        }
    }
}

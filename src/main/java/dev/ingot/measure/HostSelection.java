// SPDX-License-Identifier: Apache-2.0
package dev.ingot.measure;

import dev.ingot.exec.MagnitudeSample;
import dev.ingot.exec.Selector;
import dev.ingot.exec.Threshold;
import dev.ingot.kernel.Bracket;
import dev.ingot.kernel.DeltaMerge;
import dev.ingot.kernel.Kernels;
import dev.ingot.kernel.MagnitudeSampling;
import dev.ingot.kernel.Mask;
import dev.ingot.kernel.Operand;
import dev.ingot.kernel.ScanCounts;
import dev.ingot.kernel.Tile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** The selection of one round of TIES, as a merge does it: exact thresholds for each model of each tensor. */
final class HostSelection implements AutoCloseable {
    private final long elements;
    private final int tiles;
    private final int tensors;
    private final int models;
    private final Whole whole;
    private final Arena arena = Arena.ofShared();
    private final Selector[][] selectors;
    private final Mask.Magnitude[][] masks;
    private final List<List<MemorySegment>> candidates;

    /** All elements of an operand of a tensor. */
    interface Whole {
        Operand of(int tensor, int operand);
    }

    /** Base and model on a tile. */
    interface Pair {
        List<Operand> of(int model, int tensor, int tile);
    }

    HostSelection(long elements, int tiles, RoundPlan plan, int workers, Whole whole) {
        this.elements = elements;
        this.tiles = tiles;
        this.tensors = plan.tensors();
        this.models = plan.operation().models();
        this.whole = whole;
        selectors = new Selector[tensors][models];
        masks = new Mask.Magnitude[tensors][models];
        candidates = IntStream.range(0, workers)
                .mapToObj(worker -> IntStream.range(0, models).mapToObj(model -> ints(HostLoaded.TILE)).toList())
                .toList();
    }

    private MemorySegment ints(long count) {
        return arena.allocate(count * Integer.BYTES, Long.BYTES);
    }

    /** Brackets from samples. */
    WorkerTeam.Phase sample() {
        // Room for candidates is taken here, outside the clock.
        MemorySegment[][] room = new MemorySegment[tensors][models];
        for (MemorySegment[] one : room) {
            Arrays.setAll(one, model -> ints(MagnitudeSampling.capacity(elements, false)));
        }
        return new WorkerTeam.Phase(tensors * models, (lane, worker, index) -> {
            int tensor = index / models;
            int model = index % models;
            long keep = Coefficients.keep(elements);
            Bracket bracket = MagnitudeSample.bracket(
                    whole.of(tensor, 0), whole.of(tensor, model + 1), elements, keep, lane);
            selectors[tensor][model] = new Selector(bracket, room[tensor][model], tiles);
        });
    }

    /** Counts a tile against the brackets of its tensor. */
    void scan(Kernels lane, int worker, int tensor, int tile, Tile operands) {
        List<Bracket> brackets = Arrays.stream(selectors[tensor]).map(Selector::bracket).toList();
        List<ScanCounts> counts = lane.selectScan(brackets, operands, candidates.get(worker));
        for (int model = 0; model < models; model++) {
            selectors[tensor][model].add(tile, counts.get(model), candidates.get(worker).get(model));
        }
    }

    /** Thresholds and the places where ties are cut. */
    WorkerTeam.Phase resolve(Pair pair) {
        return new WorkerTeam.Phase(tensors * models, (lane, worker, index) -> {
            int tensor = index / models;
            int model = index % models;
            masks[tensor][model] = mask(lane, pair, tensor, model);
        });
    }

    private Mask.Magnitude mask(Kernels lane, Pair pair, int tensor, int model) {
        Selector selector = selectors[tensor][model];
        // The values are ours, and the sample of these misses nothing.
        Threshold threshold = selector.resolve(Coefficients.keep(elements), lane).orElseThrow();
        long wanted = threshold.ties();
        long[] ties = selector.ties(threshold.key(), lane);
        int tile = 0;
        while (ties[tile] < wanted) {
            wanted -= ties[tile++];
        }
        List<Operand> operands = pair.of(model + 1, tensor, tile);
        long count = operands.getFirst().data().byteSize() / operands.getFirst().dtype().bytes();
        long last = lane.selectNthEqual(operands.get(0), operands.get(1), count, threshold.key(), wanted);
        return new Mask.Magnitude(threshold.key(), (long) tile * HostLoaded.TILE + last + 1);
    }

    /** The merge with the masks found. */
    DeltaMerge merge(int tensor) {
        return Coefficients.merge(Operation.TIES, new ArrayList<>(Arrays.asList(masks[tensor])));
    }

    @Override
    public void close() {
        arena.close();
    }
}

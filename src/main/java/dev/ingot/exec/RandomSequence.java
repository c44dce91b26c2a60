// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.kernel.MersenneTwister;
import dev.ingot.method.Randomness;
import dev.ingot.plan.DrawOrder;
import dev.ingot.plan.Plan;
import dev.ingot.plan.PlannedTensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The one sequence of random numbers of a run, readable at the places of open tensors by any thread. The generator cannot
 * skip, so it leaves snapshots where it passes: one at the start of every tensor that is not finished, and one every
 * {@value DrawOrder#SNAPSHOT_BLOCKS} blocks within open tensors. A reader takes a copy of the nearest one and goes on by
 * itself.
 */
final class RandomSequence {
    private final MersenneTwister front;
    private final TreeMap<Long, MersenneTwister> snapshots = new TreeMap<>();

    /** How many tensors that are not finished start in a block. */
    private final TreeMap<Long, Integer> starts = new TreeMap<>();

    /** Last blocks of the open tensors, by their first outputs. */
    private final Map<Long, Long> open = new HashMap<>();

    /** @param firsts numbers of the first outputs of all tensors that take some */
    RandomSequence(long seed, Collection<Long> firsts) {
        front = MersenneTwister.seeded((int) seed);
        firsts.forEach(first -> starts.merge(block(first), 1, Integer::sum));
    }

    /** The sequence from which the tensors of a plan take their numbers, if they do. */
    static RandomSequence of(Plan plan) {
        List<Long> firsts = new ArrayList<>();
        for (PlannedTensor tensor : plan.tensors()) {
            if (tensor.context().random() instanceof Randomness.Sequence sequence && tensor.draws() > 0) {
                firsts.add(sequence.first());
            }
        }
        return new RandomSequence(plan.seed(), firsts);
    }

    /** Says that a tensor's outputs will be read; snapshots among them are kept until it is closed. */
    synchronized void open(long first, long count) {
        open.put(first, block(first + count - 1));
    }

    /** Says that a tensor's outputs will not be read any more; may be called again. */
    synchronized void close(long first) {
        Long last = open.remove(first);
        if (last != null) {
            starts.computeIfPresent(block(first), (block, tensors) -> tensors == 1 ? null : tensors - 1);
            snapshots.subMap(block(first), true, last, true).keySet().removeIf(block -> !isWanted(block));
        }
    }

    /** Writes uniform numbers, those of an open tensor from the given one on. */
    void fill(long first, long count, MemorySegment floats) {
        snapshot(block(first)).uniforms(first, count, floats);
    }

    /** A generator at most one stop in front of a block. */
    private synchronized MersenneTwister snapshot(long block) {
        boolean ahead = block >= front.block();
        MersenneTwister generator = ahead ? front : snapshots.floorEntry(block).getValue().copy();
        for (long stop = nextStop(generator.block()); stop <= block; stop = nextStop(stop)) {
            generator.advance(stop);
            if (isWanted(stop)) {
                snapshots.put(stop, generator.copy());
            }
        }
        return ahead ? front.copy() : generator;
    }

    private long nextStop(long block) {
        long regular = (Math.floorDiv(block, DrawOrder.SNAPSHOT_BLOCKS) + 1) * DrawOrder.SNAPSHOT_BLOCKS;
        Long start = starts.higherKey(block);
        return start == null ? regular : Math.min(regular, start);
    }

    private boolean isWanted(long block) {
        return starts.containsKey(block)
                || open.entrySet().stream().anyMatch(t -> block >= block(t.getKey()) && block <= t.getValue());
    }

    /** Number of snapshots there are. */
    synchronized int held() {
        return snapshots.size();
    }

    private static long block(long output) {
        return output / MersenneTwister.BLOCK;
    }
}

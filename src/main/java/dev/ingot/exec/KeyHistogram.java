// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.kernel.InputFaultException;
import dev.ingot.kernel.Kernels;
import dev.ingot.kernel.Operand;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Counts the keys of a score by their upper 16 bits, or those with known upper bits by the lower 15. Every worker counts into
 * bins of its own, which are added up when all tiles are done: to add 64 Ki bins costs as much as to count a tile. Thread-safe.
 */
final class KeyHistogram {
    static final int LOW_BITS = 15;

    private final int prefix;
    private final int number;
    private final long[] bins = new long[Kernels.KEY_BINS];
    private final Set<LaneHistogram> expected = new HashSet<>();

    /**
     * A bin.
     *
     * @param bin   its number
     * @param above how many keys lie in the bins above
     */
    record Found(int bin, long above) {}

    /**
     * @param prefix the known upper bits, negative if none are
     * @param number its number among those that tiles are counted for by turns, from 0
     */
    KeyHistogram(int prefix, int number) {
        this.prefix = prefix;
        this.number = number;
    }

    /** Counts the keys of a tile, given as origin and values. */
    void add(List<Operand> operands, long count, Lane lane) {
        MemorySegment counted = lane.histogram(number).bins(this);
        lane.kernels().selectHistogram(operands.getFirst(), operands.getLast(), count, prefix, counted);
    }

    /** Says that a worker will hand over what it counts. */
    void expect(LaneHistogram counts) {
        synchronized (expected) {
            expected.add(counts);
        }
    }

    /** Adds what a worker has counted. */
    void add(MemorySegment counted) {
        synchronized (bins) {
            for (int i = 0; i < bins.length; i++) {
                bins[i] += counted.getAtIndex(ValueLayout.JAVA_LONG, i);
            }
        }
    }

    /**
     * The bin of the key of this rank, from 1 for the largest, when all tiles have been counted.
     *
     * @throws InputFaultException if there are fewer keys: two reads of one tensor do not agree, its file was written meanwhile
     */
    Found find(long rank) {
        expected.forEach(counts -> counts.flush(this));
        int bin = bins.length - 1;
        long above = 0;
        while (bin >= 0 && above + bins[bin] < rank) {
            above += bins[bin--];
        }
        if (bin < 0) {
            throw new InputFaultException(null);
        }
        return new Found(bin, above);
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.kernel.InputFaultException;
import dev.ingot.kernel.Operand;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** Counts the keys of a score by their upper 16 bits, or those with known upper bits by the lower 15. Thread-safe. */
final class KeyHistogram {
    static final int LOW_BITS = 15;
    private static final int HIGH_BINS = 1 << 16;

    private final int prefix;
    private final long[] bins = new long[HIGH_BINS];

    /**
     * A bin.
     *
     * @param bin   its number
     * @param above how many keys lie in the bins above
     */
    record Found(int bin, long above) {}

    /** @param prefix the known upper bits, negative if none are */
    KeyHistogram(int prefix) {
        this.prefix = prefix;
    }

    /** Counts the keys of a tile, given as origin and values. */
    void add(List<Operand> operands, long count, Lane lane) {
        MemorySegment counted = lane.buffer(Lane.HISTOGRAM, (long) HIGH_BINS * Long.BYTES).fill((byte) 0);
        lane.kernels().selectHistogram(operands.getFirst(), operands.getLast(), count, prefix, counted);
        synchronized (bins) {
            for (int i = 0; i < bins.length; i++) {
                bins[i] += counted.getAtIndex(ValueLayout.JAVA_LONG, i);
            }
        }
    }

    /**
     * The bin of the key of this rank, from 1 for the largest.
     *
     * @throws InputFaultException if there are fewer keys: two reads of one tensor do not agree, its file was written meanwhile
     */
    Found find(long rank) {
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

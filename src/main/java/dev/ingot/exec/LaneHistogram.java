// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.kernel.Kernels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What one worker has counted for a histogram and not yet handed over. It counts for one histogram at a time, and hands over when it
 * is asked to count for another, when that histogram is read, and when the worker ends. The worker alone counts; another one may
 * read the histogram once no tile of its pass is left.
 */
final class LaneHistogram implements AutoCloseable {
    /** Native memory that one takes. */
    static final long BYTES = Kernels.KEY_BINS * (long) Long.BYTES;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment bins = arena.allocate(BYTES, Long.BYTES);
    private KeyHistogram owner;

    /** The bins to add to for a histogram. */
    synchronized MemorySegment bins(KeyHistogram histogram) {
        if (owner != histogram) {
            flush();
            owner = histogram;
            histogram.expect(this);
        }
        return bins;
    }

    /** Hands over what has been counted for a histogram, if that is the one. */
    synchronized void flush(KeyHistogram histogram) {
        if (owner == histogram) {
            flush();
        }
    }

    private void flush() {
        if (owner != null) {
            owner.add(bins);
            bins.fill((byte) 0);
            owner = null;
        }
    }

    @Override
    public synchronized void close() {
        flush();
        arena.close();
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.kernel.Bracket;
import dev.ingot.kernel.Kernels;
import dev.ingot.kernel.KthLargest;
import dev.ingot.kernel.ScanCounts;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Finds the k largest elements of one delta exactly, from one read of the data in tiles.
 *
 * <p>A sample gives a bracket of magnitudes that almost surely holds the k-th largest and few others. The scan counts what
 * lies above the bracket, on its ends and inside, and keeps only the keys inside. Because keys equal to an end are counted
 * and not kept, ties, however many, cost no memory. If the bracket was missed, {@link #resolve} says so.
 *
 * <p>Different tiles may be added by different threads; {@link #resolve} and {@link #ties} come after all of them.
 */
public final class Selector {
    private final Bracket bracket;
    private final MemorySegment candidates;
    private final AtomicLong filled = new AtomicLong();
    private final ScanCounts[] counts;
    private final long[] firstCandidate;
    private ScanCounts total = new ScanCounts(0, 0, 0, 0);

    /**
     * @param bracket    what to count against
     * @param candidates room for the int32 keys inside the bracket
     * @param tiles      number of tiles that will be added, or 0 if {@link #ties} will not be asked for
     */
    public Selector(Bracket bracket, MemorySegment candidates, int tiles) {
        this.bracket = bracket;
        this.candidates = candidates;
        this.counts = new ScanCounts[tiles];
        this.firstCandidate = new long[tiles];
    }

    /** The bracket that tiles are counted against. */
    public Bracket bracket() {
        return bracket;
    }

    /** Takes over one tile's counts and its keys inside the bracket. */
    public void add(int tile, ScanCounts tileCounts, MemorySegment keys) {
        long first = filled.getAndAdd(tileCounts.inside());
        if (counts.length > 0) {
            counts[tile] = tileCounts;
            firstCandidate[tile] = first;
        }
        synchronized (this) {
            total = total.plus(tileCounts);
        }
        if (first + tileCounts.inside() <= capacity()) {
            MemorySegment.copy(keys, 0, candidates, first * Integer.BYTES, tileCounts.inside() * Integer.BYTES);
        }
    }

    /**
     * The k-th largest key, or empty if the bracket does not hold it or too many keys lie inside.
     *
     * @param keep k, from 1 to the number of elements
     */
    public Optional<Threshold> resolve(long keep, Kernels kernels) {
        long atHigh = total.atHigh();
        long inside = total.inside();
        long atLow = bracket.low() == bracket.high() ? 0 : total.atLow();
        long rank = keep - total.above();
        if (rank <= 0 || rank > atHigh + inside + atLow) {
            return Optional.empty();
        }
        if (rank <= atHigh) {
            return Optional.of(new Threshold(bracket.high(), rank));
        }
        if (rank > atHigh + inside) {
            return Optional.of(new Threshold(bracket.low(), rank - atHigh - inside));
        }
        if (inside > capacity()) {
            return Optional.empty();
        }
        KthLargest kth = kernels.kthLargest(candidates, inside, rank - atHigh);
        return Optional.of(new Threshold(kth.key(), rank - atHigh - kth.larger()));
    }

    /** How many elements of each tile have the key that {@link #resolve} found. */
    public long[] ties(int key, Kernels kernels) {
        long[] ties = new long[counts.length];
        for (int tile = 0; tile < ties.length; tile++) {
            ScanCounts c = counts[tile];
            if (key == bracket.high()) {
                ties[tile] = c.atHigh();
            } else if (key == bracket.low()) {
                ties[tile] = c.atLow();
            } else if (c.inside() > 0) {
                MemorySegment keys =
                        candidates.asSlice(firstCandidate[tile] * Integer.BYTES, c.inside() * Integer.BYTES);
                ties[tile] = kernels.countEqual(keys, c.inside(), key);
            }
        }
        return ties;
    }

    private long capacity() {
        return candidates.byteSize() / Integer.BYTES;
    }
}

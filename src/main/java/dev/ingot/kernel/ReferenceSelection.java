// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Exact selection by magnitude in plain Java. */
final class ReferenceSelection {
    /** Low bits of a key that the first histogram leaves open. */
    private static final int LOW_BITS = 15;
    private static final int DIGIT_BITS = 8;

    private final float[] base = new float[Blocks.SIZE];
    private final float[] deltas = new float[Blocks.SIZE];

    List<ScanCounts> scan(List<Bracket> brackets, Tile tile, List<MemorySegment> candidates) {
        List<ScanCounts> counts = new ArrayList<>();
        for (int model = 0; model < brackets.size(); model++) {
            counts.add(scan(brackets.get(model), tile, tile.models().get(model), candidates.get(model)));
        }
        return List.copyOf(counts);
    }

    private ScanCounts scan(Bracket bracket, Tile tile, Operand model, MemorySegment candidates) {
        long capacity = candidates.byteSize() / Integer.BYTES;
        long above = 0;
        long atHigh = 0;
        long inside = 0;
        long atLow = 0;
        for (long first = 0; first < tile.count(); first += Blocks.SIZE) {
            int n = loadDeltas(tile.requireBase(), model, first, tile.count());
            for (int i = 0; i < n; i++) {
                int key = Deltas.key(deltas[i]);
                above += key > bracket.high() ? 1 : 0;
                atHigh += key == bracket.high() ? 1 : 0;
                atLow += key == bracket.low() ? 1 : 0;
                if (key > bracket.low() && key < bracket.high()) {
                    if (inside < capacity) {
                        candidates.set(Blocks.INT, inside * Integer.BYTES, key);
                    }
                    inside++;
                }
            }
        }
        return new ScanCounts(above, atHigh, inside, atLow);
    }

    void sample(Operand baseOperand, Operand model, MemorySegment positions, MemorySegment keys) {
        for (long i = 0; i < positions.byteSize() / Long.BYTES; i++) {
            long position = positions.get(Blocks.LONG, i * Long.BYTES);
            loadDeltas(baseOperand, model, position, position + 1);
            keys.set(Blocks.INT, i * Integer.BYTES, Deltas.key(deltas[0]));
        }
    }

    void histogram(Operand baseOperand, Operand model, long count, int prefix, MemorySegment bins) {
        for (long first = 0; first < count; first += Blocks.SIZE) {
            int n = loadDeltas(baseOperand, model, first, count);
            for (int i = 0; i < n; i++) {
                int key = Deltas.key(deltas[i]);
                if (prefix < 0) {
                    increment(bins, key >>> LOW_BITS);
                } else if (key >>> LOW_BITS == prefix) {
                    increment(bins, key & ((1 << LOW_BITS) - 1));
                }
            }
        }
    }

    private static void increment(MemorySegment bins, int bin) {
        long at = (long) bin * Long.BYTES;
        bins.set(Blocks.LONG, at, bins.get(Blocks.LONG, at) + 1);
    }

    long nthEqual(Operand baseOperand, Operand model, long count, int key, long nth) {
        long left = nth;
        for (long first = 0; first < count; first += Blocks.SIZE) {
            int n = loadDeltas(baseOperand, model, first, count);
            for (int i = 0; i < n; i++) {
                if (Deltas.key(deltas[i]) == key && --left == 0) {
                    return first + i;
                }
            }
        }
        return -1;
    }

    private int loadDeltas(Operand baseOperand, Operand model, long first, long count) {
        int n = Blocks.length(first, count);
        Blocks.load(baseOperand, first, n, base);
        Blocks.load(model, first, n, deltas);
        Deltas.subtract(base, deltas, n);
        return n;
    }

    /** Radix selection: fixes the key digit by digit, from the highest, by counting; the keys stay where they are. */
    static KthLargest kthLargest(MemorySegment keys, long count, long rank) {
        long left = rank;
        int found = 0;
        int fixed = 0;
        for (int shift = Integer.SIZE - DIGIT_BITS; shift >= 0; shift -= DIGIT_BITS) {
            long[] digits = new long[1 << DIGIT_BITS];
            for (long i = 0; i < count; i++) {
                int key = ordered(keys.get(Blocks.INT, i * Integer.BYTES));
                if ((key & fixed) == found) {
                    digits[key >>> shift & 0xff]++;
                }
            }
            int digit = 0xff;
            while (digits[digit] < left) {
                left -= digits[digit--];
            }
            found |= digit << shift;
            fixed |= 0xff << shift;
        }
        return new KthLargest(ordered(found), rank - left);
    }

    /** Maps signed order to unsigned order, and back. */
    private static int ordered(int key) {
        return key ^ Integer.MIN_VALUE;
    }

    static long countEqual(MemorySegment keys, long count, int key) {
        long equal = 0;
        for (long i = 0; i < count; i++) {
            equal += keys.get(Blocks.INT, i * Integer.BYTES) == key ? 1 : 0;
        }
        return equal;
    }
}

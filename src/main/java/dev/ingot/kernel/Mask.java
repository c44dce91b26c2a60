// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

/** Which elements of a delta d = x - base are kept. Positions are flat indices in the whole tensor. */
public sealed interface Mask {
    /** Every element is kept. */
    Mask NONE = new None();

    /** Every element is kept. */
    record None() implements Mask {}

    /**
     * Kept iff bits(|d|) &gt; threshold, or bits(|d|) = threshold and the flat index is below tieCut.
     *
     * @param threshold float32 bit pattern of the smallest kept magnitude
     * @param tieCut    flat index from which on elements equal to the threshold are dropped
     */
    record Magnitude(int threshold, long tieCut) implements Mask {}

    /**
     * Kept iff the bit of the flat index is set.
     *
     * @param table one bit per element of the whole tensor
     */
    record Bits(Table table) implements Mask {}

    /**
     * Kept iff word(i) &lt; keepBelow as unsigned numbers, where word(i) is output i mod 4 of Philox-4x32-10 with this key
     * and counter i / 4.
     *
     * @param key       both key words, the low one first
     * @param keepBelow probability of keeping, times 2^32, rounded up; 0 keeps nothing
     */
    record Random(long key, int keepBelow) implements Mask {
        /** The mask that keeps each element with the given probability in [0, 1). */
        public static Random ofProbability(long key, double probability) {
            if (!(probability >= 0 && probability < 1)) {
                throw new IllegalArgumentException("probability " + probability + " is outside [0, 1)");
            }
            return new Random(key, (int) Math.min((1L << 32) - 1, (long) Math.ceil(probability * 0x1p32)));
        }
    }
}

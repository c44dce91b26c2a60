// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

/**
 * Keeps elements of a delta d = x - base at random, the more probably the higher their rank within the row (MAGPRUNE of
 * DELLA-Merging, arXiv 2406.11617): kept iff low + width (rank / (rowLength - 1)) is above the element's number in [0, 1),
 * each operation rounded to float32; the quotient is 0.5 in rows of one element. The rank is how many of the row's |d| are
 * smaller, or equal and come before; NaN is larger than all numbers.
 *
 * @param low       probability of the lowest rank
 * @param width     how much more that of the highest is
 * @param key       key of the numbers, which are those of {@link FormulaOp#UNIFORM}, where they are not given
 * @param rowLength elements of a row, at least 1 and less than {@link #MAX_ROW}
 */
public record RankedMask(float low, float width, long key, long rowLength) {
    /** Ranks are float32 numbers, which are exact below this. */
    public static final long MAX_ROW = 1 << 24;

    /** float32 values that making a mask takes for each element of a row. */
    public static final int SCRATCH = 8;

    /** Elements of scratch memory beside those of a row. */
    static final int SLACK = 64;

    /** Checks the length of rows. */
    public RankedMask {
        if (rowLength < 1 || rowLength >= MAX_ROW) {
            throw new IllegalArgumentException("rows of " + rowLength + " elements cannot be ranked in float32");
        }
    }

    /** Probability that an element of this rank is kept. */
    float probability(int rank) {
        float share = rowLength > 1 ? rank / (float) (rowLength - 1) : 0.5f;
        return low + width * share;
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

/**
 * Keeps elements of a delta d = x - base by their rank within the row (Model Breadcrumbs, arXiv 2312.06795): kept iff first
 * &lt;= rank &lt; end. The rank is how many of the row's |d| are larger, or equal and come before; NaN is smaller than all numbers.
 *
 * @param first     the first rank that is kept
 * @param end       the rank behind the last that is kept
 * @param rowLength elements of a row, at least 1 and less than {@link RankedMask#MAX_ROW}
 */
public record BandMask(long first, long end, long rowLength) {
    /** float32 values that making a mask takes for each element of a row. */
    public static final int SCRATCH = 3;

    /** Checks the length of rows. */
    public BandMask {
        if (rowLength < 1 || rowLength >= RankedMask.MAX_ROW) {
            throw new IllegalArgumentException("rows of " + rowLength + " elements cannot be ranked");
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

/**
 * Keys of one delta on one tile, counted against a {@link Bracket}.
 *
 * @param above  keys greater than high
 * @param atHigh keys equal to high
 * @param inside keys strictly between; those that did not fit into the candidate buffer are counted too
 * @param atLow  keys equal to low
 */
public record ScanCounts(long above, long atHigh, long inside, long atLow) {
    /** The counts of both. */
    public ScanCounts plus(ScanCounts other) {
        return new ScanCounts(above + other.above, atHigh + other.atHigh, inside + other.inside, atLow + other.atLow);
    }
}

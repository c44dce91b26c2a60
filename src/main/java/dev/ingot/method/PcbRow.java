// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

/**
 * What PCB-Merging knows of one model's task vector as a whole.
 *
 * @param low     magnitudes are raised to it
 * @param high    magnitudes are cut down to it; it wins if it is below {@code low}
 * @param largest the largest magnitude before that
 * @param floor   scores up to it count as zero
 * @param top     the largest score
 */
record PcbRow(double low, double high, double largest, double floor, double top) {
    /** The smallest magnitude after clipping. */
    double least() {
        return Math.min(low, high);
    }

    /** The same with scores. */
    PcbRow withScores(double lowest, double highest) {
        return new PcbRow(low, high, largest, lowest, highest);
    }

    /**
     * Factor that turns what numbers exceed the lower end of an interval by into a share of the interval. If all numbers are equal
     * there is no such share, and it is 0; so it is where float32 cannot hold the factor.
     *
     * @param scale what the share is multiplied by
     */
    static double factor(double from, double to, double scale) {
        double factor = scale / (to - from);
        return to > from && factor < Float.MAX_VALUE ? factor : 0;
    }
}

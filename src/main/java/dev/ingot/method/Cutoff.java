// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

/**
 * The k-th largest magnitude of a model.
 *
 * @param threshold its float32 bit pattern
 */
public record Cutoff(int threshold) {
    /** All elements that are as large: k, and more if several equal the k-th. */
    public Selection atLeast() {
        return new Selection(threshold, Long.MAX_VALUE);
    }

    /** All elements that are larger: fewer than k. */
    public Selection above() {
        return new Selection(threshold, 0);
    }

    /** The magnitude. */
    public float value() {
        return Float.intBitsToFloat(threshold);
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.Mask;

/**
 * The largest elements of one delta by magnitude, ties broken by the lowest flat index.
 *
 * @param threshold float32 bit pattern of the smallest kept magnitude
 * @param tieCut    flat index from which on elements equal to the threshold are dropped
 */
public record Selection(int threshold, long tieCut) {
    /** Of no element. */
    public static final Selection NOTHING = new Selection(Integer.MAX_VALUE, 0);

    /** The mask that keeps the selected elements. */
    public Mask mask() {
        return magnitude();
    }

    /** The smallest selected magnitude. */
    public float value() {
        return Float.intBitsToFloat(threshold);
    }

    Mask.Magnitude magnitude() {
        return new Mask.Magnitude(threshold, tieCut);
    }
}

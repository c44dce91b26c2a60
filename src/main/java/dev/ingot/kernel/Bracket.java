// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

/**
 * An open interval of magnitude keys, where the key of an element is the bit pattern of |x - base| as float32.
 *
 * @param low  keys equal to it are counted apart; -1 lies below all keys
 * @param high keys equal to it are counted apart; {@link Integer#MAX_VALUE} lies above all keys but one NaN pattern
 */
public record Bracket(int low, int high) {
    /** Contains every key strictly inside or at its upper end. */
    public static final Bracket ALL = new Bracket(-1, Integer.MAX_VALUE);

    public Bracket {
        if (low < -1 || high < low) {
            throw new IllegalArgumentException("no bracket: " + low + ", " + high);
        }
    }
}

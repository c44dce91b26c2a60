// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

/** Element type of a matrix. */
public enum Precision {
    /** IEEE float32. */
    F32(4, 0x1p-24),
    /** IEEE float64. */
    F64(8, 0x1p-53);

    private final int bytes;
    private final double roundoff;

    Precision(int bytes, double roundoff) {
        this.bytes = bytes;
        this.roundoff = roundoff;
    }

    /** Size of an element in bytes. */
    public int bytes() {
        return bytes;
    }

    /** Largest relative error of rounding to nearest. */
    public double roundoff() {
        return roundoff;
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

import dev.ingot.kernel.Philox;

/**
 * Matrices of random numbers that depend on a seed and the place only. They are uniform between -1 and 1: for finding a range as
 * good as normal ones, and the same on every machine, as no logarithm is taken.
 */
final class RandomMatrix {
    private static final double UNIT = 0x1p-31;

    private RandomMatrix() {}

    static void fill(Matrix a, long seed) {
        Philox philox = new Philox(seed);
        long index = 0;
        for (int col = 0; col < a.cols(); col++) {
            for (int row = 0; row < a.rows(); row++, index++) {
                if ((index & 3) == 0) {
                    philox.block(index >>> 2);
                }
                // The middle of its interval, so that it is never 0.
                a.set(row, col, (philox.word(index) + 0.5) * UNIT);
            }
        }
    }
}

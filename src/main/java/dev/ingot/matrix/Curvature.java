// SPDX-License-Identifier: Apache-2.0
package dev.ingot.matrix;

import dev.ingot.linalg.Matrix;
import dev.ingot.linalg.Precision;

/**
 * A symmetric positive semidefinite matrix C, n x n, as itself or as a product A A^T: what is cheaper to multiply with.
 *
 * @param matrix float32: C, or A
 * @param factor whether it is A
 */
record Curvature(Matrix matrix, boolean factor) {
    /** Whether A of that many columns is cheaper to multiply with than C. */
    static boolean isCheaperFactored(int n, long columns) {
        return 2 * columns < n;
    }

    /** Temporary memory of {@link #times}. */
    static long temporary(boolean factor, long columns, int width) {
        return factor ? MatrixNeeds.of(columns, width, Precision.F32) : 0;
    }

    /** Memory of a product's first half, for as many columns as will be multiplied at a time. */
    Matrix half(MatrixLane lane, int width) {
        return lane.temporary(factor ? matrix.cols() : 0, width, Precision.F32);
    }

    /** to = C x. */
    void times(MatrixLane lane, Matrix x, Matrix half, Matrix to) {
        if (factor) {
            lane.algebra().gemm(1, matrix, true, x, false, 0, half);
            lane.algebra().gemm(1, matrix, false, half, false, 0, to);
        } else {
            lane.algebra().gemm(1, matrix, false, x, false, 0, to);
        }
    }
}

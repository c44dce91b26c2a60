// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

import dev.ingot.ffi.openblas.OpenBlas;

/**
 * A product of Householder reflections of a float32 matrix, {@code 1 - v t v^T} (Schreiber, Van Loan, "A storage-efficient WY
 * representation for products of Householder transformations", SIAM J. Sci. Stat. Comput. 10, 1989).
 *
 * @param vectors v below its diagonal of ones, or v^T to the right of it
 * @param byRows  whether it is v^T
 * @param factor  t, an upper triangle
 */
record Reflections(Matrix vectors, boolean byRows, Matrix factor) {
    private static final int COLUMNS = OpenBlas.LAPACK_COL_MAJOR();
    private static final byte LEFT = 'L';
    private static final byte RIGHT = 'R';
    private static final byte FORWARD = 'F';

    /** Work space for panels of this width and matrices of up to this length. */
    static long workBytes(int length, int width) {
        return Scratch.matrix(Math.max(length, width), width, Precision.F32);
    }

    /**
     * Reduces a panel to an upper triangle, by as many reflections as the factor has rows.
     *
     * @param panel  is overwritten with the triangle and, below it, the vectors
     * @param factor square, of the smaller of the panel's dimensions
     */
    static void reduce(Matrix panel, Matrix factor, Scratch scratch) {
        try (Scratch.Frame frame = scratch.frame()) {
            Matrix work = frame.matrix(factor.rows(), panel.cols(), Precision.F32);
            Lapack.requireValid("geqrt", OpenBlas.LAPACKE_sgeqrt_work(COLUMNS, panel.rows(), panel.cols(), factor.rows(),
                    panel.data(), panel.stride(), factor.data(), factor.stride(), work.data()));
        }
    }

    /** x = (1 - v t v^T) x, or its transpose. */
    void left(boolean transpose, Matrix x, Scratch scratch) {
        apply(LEFT, transpose, x, x.cols(), scratch);
    }

    /** x = x (1 - v t v^T), or its transpose. */
    void right(boolean transpose, Matrix x, Scratch scratch) {
        apply(RIGHT, transpose, x, x.rows(), scratch);
    }

    private void apply(byte side, boolean transpose, Matrix x, int length, Scratch scratch) {
        if (x.rows() == 0 || x.cols() == 0) {
            return;
        }
        try (Scratch.Frame frame = scratch.frame()) {
            Matrix work = frame.matrix(length, factor.rows(), Precision.F32);
            Lapack.requireValid("larfb", OpenBlas.LAPACKE_slarfb_work(COLUMNS, side, (byte) (transpose ? 'T' : 'N'), FORWARD,
                    (byte) (byRows ? 'R' : 'C'), x.rows(), x.cols(), factor.rows(), vectors.data(), vectors.stride(),
                    factor.data(), factor.stride(), x.data(), x.stride(), work.data(), work.stride()));
        }
    }
}

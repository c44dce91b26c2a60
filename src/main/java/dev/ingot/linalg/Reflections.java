// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

/**
 * A product of Householder reflections {@code 1 - factor v v^T}, applied as {@code 1 - V T V^T} by products of matrices. The inverse
 * of T is the upper triangle of V^T V with the reciprocal factors as its diagonal (Joffrain et al., "Accumulating Householder
 * transformations, revisited", ACM TOMS 32, 2006).
 *
 * @param vectors V, as long as what it is applied to; one that reflects nothing is all zeros
 * @param inverse of T, transposed: a lower triangle
 */
record Reflections(Matrix vectors, Matrix inverse) {
    /** What the frame must have. */
    static long bytes(int length, int count, Precision precision) {
        return Scratch.matrix(length, count, precision) + Scratch.matrix(count, count, precision);
    }

    /** Work space for matrices of that many rows or columns across the vectors. */
    static long workBytes(int across, int count, Precision precision) {
        return Scratch.matrix(across, count, precision);
    }

    /**
     * Gathers reflections as LAPACK stores them.
     *
     * @param stored  vectors below a diagonal that is taken as ones, or to the right of it
     * @param byRows  whether it is to the right
     * @param factors one column, 0 for one that reflects nothing
     * @param frame   what holds them
     */
    static Reflections of(Matrix stored, boolean byRows, Matrix factors, Scratch.Frame frame) {
        int count = byRows ? stored.rows() : stored.cols();
        Matrix vectors = frame.matrix(byRows ? stored.cols() : stored.rows(), count, stored.precision());
        Matrix inverse = frame.matrix(count, count, stored.precision());
        Blas.copyScaled(1, stored, byRows, vectors);
        for (int j = 0; j < count; j++) {
            boolean reflects = factors.get(j, 0) != 0;
            Blas.clear(vectors.block(0, j, reflects ? j : vectors.rows(), 1));
            if (reflects) {
                vectors.set(j, j, 1);
            }
        }
        Blas.gemm(1, vectors, true, vectors, false, 0, inverse);
        for (int j = 0; j < count; j++) {
            double factor = factors.get(j, 0);
            inverse.set(j, j, factor == 0 ? 1 : 1 / factor);
        }
        return new Reflections(vectors, inverse);
    }

    /** {@code x = (1 - V T V^T) x}, or its transpose times x. */
    void left(boolean transpose, Matrix x, Scratch scratch) {
        try (Scratch.Frame frame = scratch.frame()) {
            Matrix product = frame.matrix(vectors.cols(), x.cols(), x.precision());
            Blas.gemm(1, vectors, true, x, false, 0, product);
            Blas.solveLower(inverse, !transpose, product);
            Blas.gemm(-1, vectors, false, product, false, 1, x);
        }
    }

    /** {@code x = x (1 - V T V^T)}, or x times its transpose. */
    void right(boolean transpose, Matrix x, Scratch scratch) {
        try (Scratch.Frame frame = scratch.frame()) {
            Matrix product = frame.matrix(x.rows(), vectors.cols(), x.precision());
            Blas.gemm(1, x, false, vectors, false, 0, product);
            Blas.solveLowerRight(inverse, !transpose, product);
            Blas.gemm(-1, product, false, vectors, true, 1, x);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

import java.util.function.ToIntFunction;

/**
 * Eigenvalues of a symmetric float64 matrix and the eigenvectors of the largest ones, by LAPACK's parts: tridiagonal form,
 * divide and conquer, and reflections of the wanted vectors only. The reflections of all of them, which {@code syevd} does,
 * would take about as long as the tridiagonal form.
 */
final class SymmetricEigen {
    /** Reflections that are applied as one product: the shorter side of it, wide enough for the speed of products. */
    private static final int REFLECTIONS = 128;

    private SymmetricEigen() {}

    /** Work space for at most {@code count} vectors. */
    static long bytes(int order, int count) {
        int most = Math.min(REFLECTIONS, order);
        long reflections = Reflections.bytes(order, most, Precision.F64) + Reflections.workBytes(count, most, Precision.F64);
        return 2 * Scratch.matrix(order, 1, Precision.F64)
                + Math.max(Lapack.tridiagonalBytes(order), Math.max(Lapack.conquerBytes(order), reflections));
    }

    /**
     * Decomposes a matrix of which the lower triangle is given.
     *
     * @param a       is overwritten
     * @param values  one column, receives the eigenvalues, ascending
     * @param vectors square, receives eigenvectors in its last columns; the others are undefined
     * @param wanted  tells from the values how many vectors, those of the largest ones, are wanted
     * @return how many vectors there are
     */
    static int leading(Matrix a, Matrix values, Matrix vectors, ToIntFunction<Matrix> wanted, Scratch scratch) {
        int order = a.rows();
        try (Scratch.Frame frame = scratch.frame()) {
            Matrix beside = frame.matrix(order, 1, Precision.F64);
            Matrix factors = frame.matrix(order, 1, Precision.F64);
            Lapack.tridiagonal(a, values, beside, factors, scratch);
            Lapack.conquer(values, beside, vectors, scratch);
            int count = wanted.applyAsInt(values);
            reflect(a, factors, vectors.block(0, order - count, order, count), scratch);
            return count;
        }
    }

    /** Multiplies by the reflections H(1) H(2) ... of the tridiagonal form. */
    private static void reflect(Matrix a, Matrix factors, Matrix vectors, Scratch scratch) {
        int count = a.rows() - 1;
        for (int from = (count - 1) / REFLECTIONS * REFLECTIONS; from >= 0 && count > 0; from -= REFLECTIONS) {
            int width = Math.min(REFLECTIONS, count - from);
            int rows = count - from;
            try (Scratch.Frame frame = scratch.frame()) {
                Matrix stored = a.block(from + 1, from, rows, width);
                Reflections.of(stored, false, factors.block(from, 0, width, 1), frame)
                        .left(false, vectors.block(from + 1, 0, rows, vectors.cols()), scratch);
            }
        }
    }
}

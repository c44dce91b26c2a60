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
        long reflections = Scratch.matrix(order, Math.min(REFLECTIONS, order), Precision.F64)
                + Scratch.matrix(Math.min(REFLECTIONS, order), Math.min(REFLECTIONS, order), Precision.F64)
                + Scratch.matrix(Math.min(REFLECTIONS, order), count, Precision.F64);
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

    /**
     * Multiplies by the reflections H(1) H(2) ... of the tridiagonal form, {@code H(i) = 1 - factor v v^T}. A group of them is
     * 1 - V T V^T, where the inverse of T is the upper triangle of V^T V with the reciprocal factors as its diagonal (Joffrain
     * et al., "Accumulating Householder transformations, revisited", ACM TOMS 32, 2006).
     */
    private static void reflect(Matrix a, Matrix factors, Matrix vectors, Scratch scratch) {
        int order = a.rows();
        int count = order - 1;
        int most = Math.min(REFLECTIONS, order);
        try (Scratch.Frame frame = scratch.frame()) {
            Matrix space = frame.matrix(order, most, Precision.F64);
            Matrix square = frame.matrix(most, most, Precision.F64);
            Matrix part = frame.matrix(most, vectors.cols(), Precision.F64);
            for (int from = (count - 1) / most * most; from >= 0 && count > 0; from -= most) {
                int width = Math.min(most, count - from);
                int rows = count - from;
                Matrix v = Matrix.of(space.data(), rows, width, Precision.F64);
                Matrix inverse = Matrix.of(square.data(), width, width, Precision.F64);
                collect(a, factors, from, v);
                inverse.data().fill((byte) 0);
                Blas.addSquare(1, v, false, inverse);
                for (int j = 0; j < width; j++) {
                    double factor = factors.get(from + j, 0);
                    inverse.set(j, j, factor == 0 ? 1 : 1 / factor);
                }
                Matrix target = vectors.block(from + 1, 0, rows, vectors.cols());
                Matrix product = Matrix.of(part.data(), width, vectors.cols(), Precision.F64);
                Blas.gemm(1, v, true, target, false, 0, product);
                Blas.solveLower(inverse, true, product);
                Blas.gemm(-1, v, false, product, false, 1, target);
            }
        }
    }

    /** Vectors of reflections: zeros, 1, and what is stored below the diagonal. One that reflects nothing is all zeros. */
    private static void collect(Matrix a, Matrix factors, int from, Matrix v) {
        for (int j = 0; j < v.cols(); j++) {
            v.column(j).fill((byte) 0);
            if (factors.get(from + j, 0) != 0) {
                int row = from + j + 2;
                v.set(j, j, 1);
                Blas.copy(a.block(row, from + j, a.rows() - row, 1), v.block(j + 1, j, v.rows() - j - 1, 1));
            }
        }
    }
}

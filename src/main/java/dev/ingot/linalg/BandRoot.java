// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

/**
 * The product {@code b (b^T b)^(-1/2)} of a band matrix as {@code sum weight b (b^T b + shift)^-1}. The inverse of a block
 * tridiagonal matrix needs a few operations for each of its elements: from the last block column, each one is the next one times
 * a block of the factorisation. (Meurant, "A review on the inverse of symmetric tridiagonal and block tridiagonal matrices",
 * SIAM J. Matrix Anal. Appl. 13, 1992).
 */
final class BandRoot {
    private BandRoot() {}

    static long bytes(int order, int width) {
        return Scratch.matrix(order, order, Precision.F64) + 2 * BandMatrix.bytes(order, width)
                + 2 * Scratch.matrix(order, width, Precision.F64) + Scratch.matrix(width, width, Precision.F64);
    }

    /**
     * Computes it, summed in float64.
     *
     * @param root for the eigenvalues of b^T b
     * @param into float32, square, receives the product
     * @return whether rounding left the shifted squares positive definite, as they are
     */
    static boolean polar(BandMatrix band, InverseRoot root, Matrix into, Scratch scratch) {
        int order = band.order();
        try (Scratch.Frame frame = scratch.frame()) {
            Matrix sum = frame.matrix(order, order, Precision.F64);
            BandMatrix square = matrix(frame, band);
            BandMatrix factors = matrix(frame, band);
            Matrix panel = frame.matrix(order, band.width(), Precision.F64);
            Matrix next = frame.matrix(order, band.width(), Precision.F64);
            Matrix solved = frame.matrix(band.width(), band.width(), Precision.F64);
            sum.data().asSlice(0, Matrix.bytes(order, order, Precision.F64)).fill((byte) 0);
            band.square(square);
            for (int i = 0; i < root.count(); i++) {
                if (!factor(square, root.shifts()[i], solved, factors)) {
                    return false;
                }
                addInverse(factors, root.weights()[i], panel, next, sum);
            }
            multiply(band, sum, panel, into);
            return true;
        }
    }

    private static BandMatrix matrix(Scratch.Frame frame, BandMatrix like) {
        return new BandMatrix(
                frame.matrix(like.width(), like.order(), Precision.F64), frame.matrix(like.width(), like.order(), Precision.F64));
    }

    /**
     * Inverses of the Schur complements s of the shifted matrix, and these times the blocks c beside: s^-1, s^-1 c. Complements
     * are made with Cholesky factors, as explicit inverses would not leave the digits that the lowest values need.
     */
    private static boolean factor(BandMatrix square, double shift, Matrix solved, BandMatrix factors) {
        for (int i = 0; i < square.blocks(); i++) {
            Matrix complement = factors.diagonal(i);
            Blas.copy(square.diagonal(i), complement);
            for (int j = 0; j < complement.cols(); j++) {
                complement.set(j, j, complement.get(j, j) + shift);
            }
            if (i > 0) {
                Blas.addSquare(-1, solved.block(0, 0, square.size(i - 1), square.size(i)), false, complement);
            }
            if (!Lapack.cholesky(complement)) {
                return false;
            }
            if (i + 1 < square.blocks()) {
                Matrix half = solved.block(0, 0, square.size(i), square.size(i + 1));
                Blas.copy(square.beside(i), half);
                Blas.solveLower(complement, false, half);
                Blas.copy(half, factors.beside(i));
                Blas.solveLower(complement, true, factors.beside(i));
            }
            if (!Lapack.invertFactored(complement)) {
                return false;
            }
            GramMatrix.mirror(complement);
        }
        return true;
    }

    /** Adds a multiple of the inverse to the blocks on and below the diagonal. */
    private static void addInverse(BandMatrix factors, double weight, Matrix one, Matrix other, Matrix sum) {
        int last = factors.blocks() - 1;
        Matrix column = one;
        Matrix before = other;
        for (int i = last; i >= 0; i--) {
            int first = factors.first(i);
            int size = factors.size(i);
            int rows = factors.order() - first;
            Matrix target = column.block(first, 0, rows, size);
            Matrix corner = target.block(0, 0, size, size);
            Blas.copy(factors.diagonal(i), corner);
            if (i < last) {
                Matrix factor = factors.beside(i);
                Matrix below = target.block(size, 0, rows - size, size);
                Blas.gemm(-1, before.block(first + size, 0, rows - size, factor.cols()), false, factor, true, 0, below);
                Blas.gemm(-1, factor, false, below.block(0, 0, factor.cols(), size), false, 1, corner);
            }
            Blas.add(weight, target, sum.block(first, first, rows, size));
            Matrix swap = before;
            before = column;
            column = swap;
        }
    }

    /** The band matrix times a symmetric one of which the blocks on and below the diagonal are given. */
    private static void multiply(BandMatrix band, Matrix sum, Matrix panel, Matrix into) {
        for (int j = 0; j < band.blocks(); j++) {
            int size = band.size(j);
            for (int i = 0; i < band.blocks(); i++) {
                Matrix product = panel.block(band.first(i), 0, band.size(i), size);
                times(band.diagonal(i), band, sum, i, j, 0, product);
                if (i + 1 < band.blocks()) {
                    times(band.beside(i), band, sum, i + 1, j, 1, product);
                }
            }
            Blas.copy(panel.columns(size), into.block(0, band.first(j), band.order(), size));
        }
    }

    private static void times(Matrix factor, BandMatrix form, Matrix sum, int i, int j, double beta, Matrix product) {
        boolean above = i < j;
        int row = above ? j : i;
        int col = above ? i : j;
        Matrix block = sum.block(form.first(row), form.first(col), form.size(row), form.size(col));
        Blas.gemm(1, factor, false, block, above, beta, product);
    }
}

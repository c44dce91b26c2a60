// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

/**
 * A square float64 matrix of blocks, of which only those on the diagonal, upper triangles, and those to the right of it are not
 * zero. The last block may be smaller.
 *
 * @param diagonal blocks beside each other, one block high
 * @param beside   each to the right of the diagonal block of the row, in the columns that it has in the matrix
 */
record BandMatrix(Matrix diagonal, Matrix beside) {
    static long bytes(int order, int width) {
        return 2 * Scratch.matrix(width, order, Precision.F64);
    }

    int order() {
        return diagonal.cols();
    }

    /** Rows and columns of a block. */
    int width() {
        return diagonal.rows();
    }

    int blocks() {
        return (order() + width() - 1) / width();
    }

    /** The first row of a block. */
    int first(int block) {
        return block * width();
    }

    int size(int block) {
        return Math.min(width(), order() - first(block));
    }

    /** A block on the diagonal of this or of another matrix of that form. */
    Matrix diagonal(int block) {
        return diagonal.block(0, first(block), size(block), size(block));
    }

    /** The block of a row to the right of the diagonal. */
    Matrix beside(int block) {
        return beside.block(0, first(block + 1), size(block), size(block + 1));
    }

    /** Rows of a block in a matrix with as many rows as this one. */
    Matrix rows(Matrix x, int block) {
        return x.block(first(block), 0, size(block), x.cols());
    }

    /** y = b x, or b^T x. */
    void times(boolean transpose, Matrix x, Matrix y) {
        for (int i = 0; i < blocks(); i++) {
            Blas.gemm(1, diagonal(i), transpose, rows(x, i), false, 0, rows(y, i));
            int next = transpose ? i - 1 : i + 1;
            if (next >= 0 && next < blocks()) {
                Blas.gemm(1, beside(Math.min(i, next)), transpose, rows(x, next), false, 1, rows(y, i));
            }
        }
    }

    /** Replaces x by b^-1 x, or b^-T x, which is not finite where b is singular. */
    void solve(boolean transpose, Matrix x) {
        for (int step = 0; step < blocks(); step++) {
            int i = transpose ? step : blocks() - 1 - step;
            int before = transpose ? i - 1 : i + 1;
            if (step > 0) {
                Blas.gemm(-1, beside(Math.min(i, before)), transpose, rows(x, before), false, 1, rows(x, i));
            }
            Blas.solveUpper(diagonal(i), transpose, rows(x, i));
        }
    }

    /** The blocks on and to the right of the diagonal of b^T b. */
    void square(BandMatrix square) {
        for (int i = 0; i < blocks(); i++) {
            Blas.gemm(1, diagonal(i), true, diagonal(i), false, 0, square.diagonal(i));
            if (i > 0) {
                Blas.gemm(1, beside(i - 1), true, beside(i - 1), false, 1, square.diagonal(i));
                Blas.gemm(1, diagonal(i - 1), true, beside(i - 1), false, 0, square.beside(i - 1));
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

/** Measures factors in float64, block by block. */
final class Quality {
    private static final int BLOCK = 256;

    private Quality() {}

    static long bytes(int rank, Precision precision) {
        long orthogonality = Scratch.matrix(rank, rank, Precision.F64) + GramMatrix.bytes(rank, precision);
        long residual = 2 * Scratch.matrix(BLOCK, rank, Precision.F64) + Scratch.matrix(BLOCK, BLOCK, Precision.F64);
        return Math.max(orthogonality, residual);
    }

    /** Frobenius norm of q^T q - 1. */
    static double orthogonality(Matrix q, Scratch scratch) {
        try (Scratch.Frame frame = scratch.frame()) {
            Matrix square = frame.matrix(q.cols(), q.cols(), Precision.F64);
            GramMatrix.lower(q, false, square, scratch);
            double diagonal = 0;
            for (int col = 0; col < q.cols(); col++) {
                double rest = square.get(col, col) - 1;
                square.set(col, col, rest);
                diagonal += rest * rest;
            }
            // The upper triangle holds zeros.
            return Math.sqrt(2 * Blas.dot(square, square) - diagonal);
        }
    }

    /** Frobenius norm of a - u diag(s) v^T, over that of a. */
    static double residual(Matrix a, Svd svd, Scratch scratch) {
        double norm = Math.sqrt(Blas.dot(a, a));
        double sum = 0;
        int rank = svd.rank();
        try (Scratch.Frame frame = scratch.frame()) {
            Matrix left = frame.matrix(BLOCK, rank, Precision.F64);
            Matrix right = frame.matrix(BLOCK, rank, Precision.F64);
            Matrix product = frame.matrix(BLOCK, BLOCK, Precision.F64);
            for (int col = 0; col < a.cols(); col += BLOCK) {
                int cols = Math.min(BLOCK, a.cols() - col);
                Matrix v = right.block(0, 0, cols, rank);
                Blas.copy(svd.v().block(col, 0, cols, rank), v);
                for (int row = 0; row < a.rows(); row += BLOCK) {
                    int rows = Math.min(BLOCK, a.rows() - row);
                    Matrix u = left.block(0, 0, rows, rank);
                    Blas.copy(svd.u().block(row, 0, rows, rank), u);
                    for (int j = 0; j < rank; j++) {
                        Blas.scaleColumn(u, j, svd.s().get(j, 0));
                    }
                    Matrix difference = product.block(0, 0, rows, cols);
                    Blas.copy(a.block(row, col, rows, cols), difference);
                    Blas.gemm(-1, u, false, v, true, 1, difference);
                    sum += Blas.dot(difference, difference);
                }
            }
        }
        return norm == 0 ? 0 : Math.sqrt(sum) / norm;
    }
}

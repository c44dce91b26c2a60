// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

/**
 * The polar factor of a float32 matrix as {@code a (a^T a)^(-1/2)}, or the root on the left where there are fewer rows: the root
 * from the eigenvectors of the Gram matrix, in float64, and one product with the matrix. Where values are kept that are so
 * small that the product is not orthogonal enough, it is made of singular vectors, which then are orthogonal anyway.
 */
final class GramPolar {
    /**
     * How many times larger the rounding of a product in float32 may be than that of its result. It is the mean product of
     * a value and the reciprocal of a value: what elements of both factors, of which sums cancel, are above those of the result.
     */
    private static final double GROWTH = 4;

    private GramPolar() {}

    /** Work space; only part of it where the vectors are not needed. */
    static long bytes(int rows, int cols) {
        int order = Math.min(rows, cols);
        long vectors = Scratch.matrix(rows, order, Precision.F32) + Scratch.matrix(order, 1, Precision.F32)
                + Scratch.matrix(cols, order, Precision.F32) + GramSvd.farBytes(rows, cols, order);
        long product = 2 * Scratch.matrix(GramMatrix.BLOCK, order, Precision.F64);
        long eigen = Math.max(GramMatrix.bytes(order, Precision.F32), SymmetricEigen.bytes(order, order));
        return 2 * Scratch.matrix(order, order, Precision.F64) + Scratch.matrix(order, 1, Precision.F64)
                + Math.max(eigen, Math.max(vectors, product));
    }

    static int compute(Matrix a, double tolerance, Matrix factor, Scratch scratch) {
        int order = a.smaller();
        try (Scratch.Frame frame = scratch.frame()) {
            Matrix square = frame.matrix(order, order, Precision.F64);
            Matrix values = frame.matrix(order, 1, Precision.F64);
            Matrix vectors = frame.matrix(order, order, Precision.F64);
            GramMatrix.lower(a, a.rows() < a.cols(), square, scratch);
            int rank = SymmetricEigen.leading(square, values, vectors, all -> kept(all, tolerance), scratch);
            if (rank > 0 && value(values, order - rank) < GramSvd.STRAIGHT * value(values, order - 1)
                    || value(values, order - 1) == 0) {
                ofVectors(a, values, vectors, rank, factor, scratch);
            } else {
                ofRoot(a, square, values, vectors, rank, factor, scratch);
            }
            return rank;
        }
    }

    private static double value(Matrix eigenvalues, int index) {
        return Math.sqrt(Math.max(0, eigenvalues.get(index, 0)));
    }

    private static int kept(Matrix eigenvalues, double tolerance) {
        int order = eigenvalues.rows();
        if (tolerance < 0) {
            return order;
        }
        double least = tolerance * value(eigenvalues, order - 1);
        int rank = 0;
        while (rank < order && value(eigenvalues, order - 1 - rank) > least) {
            rank++;
        }
        return rank;
    }

    private static void ofVectors(Matrix a, Matrix values, Matrix vectors, int rank, Matrix factor, Scratch scratch) {
        try (Scratch.Frame frame = scratch.frame()) {
            Svd svd = new Svd(
                    frame.matrix(a.rows(), rank, Precision.F32),
                    frame.matrix(rank, 1, Precision.F32),
                    frame.matrix(a.cols(), rank, Precision.F32));
            if (rank > 0) {
                GramSvd.vectors(a, values, vectors, svd, scratch);
            }
            Blas.gemm(1, svd.u(), false, svd.v(), true, 0, factor);
        }
    }

    /** Overwrites the square and the vectors, of which the last ones are kept. */
    private static void ofRoot(
            Matrix a, Matrix square, Matrix values, Matrix vectors, int rank, Matrix factor, Scratch scratch) {
        int order = square.rows();
        Matrix kept = vectors.block(0, order - rank, order, rank);
        double squares = 0;
        double reciprocals = 0;
        for (int j = 0; j < order; j++) {
            squares += Math.max(0, values.get(j, 0));
        }
        for (int j = 0; j < rank; j++) {
            double value = value(values, order - rank + j);
            reciprocals += 1 / (value * value);
            Blas.scaleColumn(kept, j, 1 / Math.sqrt(value));
        }
        square.data().fill((byte) 0);
        Blas.addSquare(1, kept, true, square);
        GramMatrix.mirror(square);
        if (Math.sqrt(squares * reciprocals) <= GROWTH * rank) {
            // The vectors' memory is free by now.
            Matrix root = Matrix.of(vectors.data(), order, order, Precision.F32);
            Blas.copy(square, root);
            multiply(a, a.rows() >= a.cols(), root, factor);
        } else {
            inDouble(a, square, factor, scratch);
        }
    }

    /** The root beside a matrix: on the right of a tall one. */
    private static void multiply(Matrix a, boolean tall, Matrix root, Matrix product) {
        if (tall) {
            Blas.gemm(1, a, false, root, false, 0, product);
        } else {
            Blas.gemm(1, root, false, a, false, 0, product);
        }
    }

    /** The same in float64, some rows or columns at a time; work space is of two blocks. */
    private static void inDouble(Matrix a, Matrix root, Matrix factor, Scratch scratch) {
        boolean tall = a.rows() >= a.cols();
        try (Scratch.Frame frame = scratch.frame()) {
            Matrix in = frame.matrix(GramMatrix.BLOCK, root.rows(), Precision.F64);
            Matrix out = frame.matrix(GramMatrix.BLOCK, root.rows(), Precision.F64);
            for (int from = 0; from < a.larger(); from += GramMatrix.BLOCK) {
                int count = Math.min(GramMatrix.BLOCK, a.larger() - from);
                Matrix part = tall ? a.block(from, 0, count, a.cols()) : a.block(0, from, a.rows(), count);
                Matrix target = tall ? factor.block(from, 0, count, a.cols()) : factor.block(0, from, a.rows(), count);
                Matrix wide = Matrix.of(in.data(), part.rows(), part.cols(), Precision.F64);
                Matrix product = Matrix.of(out.data(), part.rows(), part.cols(), Precision.F64);
                Blas.copy(part, wide);
                multiply(wide, tall, root, product);
                Blas.copy(product, target);
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

/**
 * Singular values and vectors of a float32 matrix through the eigenvectors of its smaller Gram matrix, in float64.
 *
 * <p>Squaring doubles the exponents, so rounding errors of float64, 1e-16 of the largest eigenvalue, are 1e-8 of the largest
 * singular value: less than what float32 elements are rounded by. The vectors of the longer side are the matrix times those
 * of the shorter one. Where a value is so small that such vectors are not orthogonal enough, they are made so by Householder
 * reflections, whatever the rank is.
 */
final class GramSvd {
    /**
     * Vectors of values v and w, relative to the largest, are orthogonal up to about 1e-16 / (v w). With half of the values at
     * this one, the worst case, that was measured to be as good as the reflections are.
     */
    static final double STRAIGHT = 2e-5;

    private GramSvd() {}

    /** Work space for vectors of both sides; {@code rank} 0 for values alone. */
    static long bytes(int rows, int cols, int rank) {
        int order = Math.min(rows, cols);
        long square = Scratch.matrix(order, order, Precision.F64);
        long column = Scratch.matrix(order, 1, Precision.F64);
        long gram = GramMatrix.bytes(order, Precision.F32);
        if (rank == 0) {
            return square + column + Math.max(gram, Lapack.eighBytes(false, order, Precision.F64));
        }
        return 2 * square + column
                + Math.max(Math.max(gram, SymmetricEigen.bytes(order, rank)), farBytes(rows, cols, rank));
    }

    /** Work space of {@link #vectors}. */
    static long farBytes(int rows, int cols, int rank) {
        long product = Scratch.matrix(GramMatrix.BLOCK, Math.min(rows, cols), Precision.F64)
                + Scratch.matrix(GramMatrix.BLOCK, rank, Precision.F64)
                + Scratch.matrix(rank, 1, Precision.F64);
        long orthogonalise = Scratch.matrix(rank, 1, Precision.F32)
                + Lapack.qrBytes(Math.max(rows, cols), rank, Precision.F32);
        return Math.max(product, orthogonalise);
    }

    static void compute(Matrix a, Svd into, Scratch scratch) {
        int order = a.smaller();
        boolean ofRows = a.rows() < a.cols();
        try (Scratch.Frame frame = scratch.frame()) {
            Matrix square = frame.matrix(order, order, Precision.F64);
            Matrix values = frame.matrix(order, 1, Precision.F64);
            GramMatrix.lower(a, ofRows, square, scratch);
            if (into.rank() == 0) {
                Lapack.eigh(false, square, values, scratch);
                roots(values, into.s());
            } else {
                Matrix vectors = frame.matrix(order, order, Precision.F64);
                SymmetricEigen.leading(square, values, vectors, all -> into.rank(), scratch);
                vectors(a, values, vectors, into, scratch);
            }
        }
    }

    private static void roots(Matrix values, Matrix s) {
        for (int j = 0; j < s.rows(); j++) {
            s.set(j, 0, Math.sqrt(Math.max(0, values.get(values.rows() - 1 - j, 0))));
        }
    }

    /**
     * Makes a decomposition of eigenvalues and the leading eigenvectors of the Gram matrix, both ascending. The vectors' order is
     * turned round.
     */
    static void vectors(Matrix a, Matrix values, Matrix vectors, Svd into, Scratch scratch) {
        boolean tall = a.rows() >= a.cols();
        int order = a.smaller();
        Matrix near = tall ? into.v() : into.u();
        Matrix far = tall ? into.u() : into.v();
        roots(values, into.s());
        int count = Math.max(near.cols(), far.cols());
        Matrix leading = vectors.block(0, order - count, order, count);
        Blas.reverseColumns(leading);
        Blas.copy(leading.columns(near.cols()), near);
        if (far.cols() > 0) {
            far(a, tall, leading.columns(far.cols()), far, into.s(), scratch);
        }
    }

    /** @param leading eigenvectors of the largest values, descending */
    private static void far(Matrix a, boolean tall, Matrix leading, Matrix far, Matrix s, Scratch scratch) {
        int rank = far.cols();
        try (Scratch.Frame frame = scratch.frame()) {
            Matrix norms = frame.matrix(rank, 1, Precision.F64);
            norms.data().fill((byte) 0);
            Matrix in = frame.matrix(GramMatrix.BLOCK, leading.rows(), Precision.F64);
            Matrix out = frame.matrix(GramMatrix.BLOCK, rank, Precision.F64);
            for (int from = 0; from < far.rows(); from += GramMatrix.BLOCK) {
                int count = Math.min(GramMatrix.BLOCK, far.rows() - from);
                Matrix part = tall ? a.block(from, 0, count, a.cols()) : a.block(0, from, a.rows(), count);
                Matrix wide = Matrix.of(in.data(), part.rows(), part.cols(), Precision.F64);
                Matrix product = out.block(0, 0, count, rank);
                Matrix target = far.block(from, 0, count, rank);
                Blas.copy(part, wide);
                Blas.gemm(1, wide, !tall, leading, false, 0, product);
                for (int j = 0; j < rank; j++) {
                    norms.set(j, 0, norms.get(j, 0) + Blas.columnSquares(product, j));
                }
                Blas.copy(product, target);
            }
            refine(norms, s);
        }
        if (s.get(rank - 1, 0) >= STRAIGHT * s.get(0, 0) && s.get(0, 0) > 0) {
            for (int j = 0; j < rank; j++) {
                Blas.scaleColumn(far, j, 1 / s.get(j, 0));
            }
        } else {
            orthogonalise(far, scratch);
        }
    }

    /**
     * |a v| is the singular value without the error of the square root of a small difference. Among values that are lost in
     * rounding, the order of both may differ.
     */
    private static void refine(Matrix norms, Matrix s) {
        for (int j = 0; j < norms.rows(); j++) {
            double norm = Math.sqrt(norms.get(j, 0));
            s.set(j, 0, j == 0 ? norm : Math.min(norm, s.get(j - 1, 0)));
        }
        for (int j = norms.rows(); j < s.rows(); j++) {
            s.set(j, 0, Math.min(s.get(j, 0), s.get(j - 1, 0)));
        }
    }

    private static void orthogonalise(Matrix far, Scratch scratch) {
        try (Scratch.Frame frame = scratch.frame()) {
            Matrix diagonal = frame.matrix(far.cols(), 1, far.precision());
            Lapack.qr(far, diagonal, scratch);
            for (int j = 0; j < far.cols(); j++) {
                if (diagonal.get(j, 0) < 0) {
                    Blas.scaleColumn(far, j, -1);
                }
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

/**
 * The smallest singular values of a band matrix with their vectors, by inverse iteration of a subspace with the matrix itself:
 * they are exact to rounding of the matrix, not of its square.
 *
 * @param vectors of which the last {@code count} belong to values below the bound
 * @param count   how many
 */
record SmallDirections(Svd vectors, int count) {
    /** Vectors that are iterated; those beyond the wanted ones make it fast. */
    private static final int VECTORS = 96;
    private static final int SPARE = 3;

    private static final int STEPS = 6;
    private static final int MOST_ROUNDS = 5;
    private static final long SEED = 0x536d_616c_6c20_7621L;

    /** How much of other left vectors there may be in those that were found: rounding of the matrix is as much in the lowest. */
    private static final double EXACT = 1e-4;

    static int vectors(int order) {
        return Math.min(order, VECTORS);
    }

    /** What the frame must have. */
    static long bytes(int order) {
        int count = vectors(order);
        return 2 * Scratch.matrix(order, count, Precision.F64) + Scratch.matrix(count, 1, Precision.F64);
    }

    /** Work space. */
    static long workBytes(int order) {
        int count = vectors(order);
        return 2 * Scratch.matrix(order, count, Precision.F64) + Scratch.matrix(count, count, Precision.F64)
                + Math.max(Lapack.qrBytes(order, count, Precision.F64),
                        ThinSvd.directBytes(order, count, count, Precision.F64));
    }

    /**
     * Finds those below the bound.
     *
     * @param frame what holds the vectors
     * @return with count -1 if there are too many, or they are not found
     */
    static SmallDirections below(double bound, BandMatrix band, Scratch.Frame frame, Scratch scratch) {
        int count = vectors(band.order());
        Svd found = new Svd(
                frame.matrix(band.order(), count, Precision.F64),
                frame.matrix(count, 1, Precision.F64),
                frame.matrix(band.order(), count, Precision.F64));
        try (Scratch.Frame work = scratch.frame()) {
            Matrix x = work.matrix(band.order(), count, Precision.F64);
            Matrix y = work.matrix(band.order(), count, Precision.F64);
            Matrix turn = work.matrix(count, count, Precision.F64);
            Matrix none = turn.columns(0);
            RandomMatrix.fill(x, SEED);
            for (int round = 0; round < MOST_ROUNDS; round++) {
                for (int step = 0; step < STEPS; step++) {
                    // Solved and made orthonormal by turns, so that the lowest ones do not drown the others.
                    for (boolean transpose : new boolean[] {true, false}) {
                        Lapack.qr(x, none, scratch);
                        band.solve(transpose, x);
                        if (!Blas.isFinite(x)) {
                            return new SmallDirections(found, -1);
                        }
                    }
                }
                Lapack.qr(x, none, scratch);
                band.times(false, x, y);
                Svd turned = new Svd(found.u(), found.s(), turn);
                ThinSvd.direct(y, turned, scratch);
                Blas.gemm(1, x, false, turn, false, 0, found.v());
                int small = 0;
                while (small < count && found.s().get(count - 1 - small, 0) < bound) {
                    small++;
                }
                if (small > count / SPARE && count < band.order()) {
                    return new SmallDirections(found, -1);
                }
                SmallDirections directions = new SmallDirections(found, small);
                if (exact(band, directions, y, turn)) {
                    return directions;
                }
                Blas.copy(found.v(), x);
            }
            return new SmallDirections(found, -1);
        }
    }

    /** How many are at most this large. */
    int below(double value) {
        int small = 0;
        while (small < count && vectors.s().get(vectors.rank() - 1 - small, 0) <= value) {
            small++;
        }
        return small;
    }

    /** Those of one side that belong to small values. */
    Matrix last(Matrix side) {
        return side.block(0, side.cols() - count, side.rows(), count);
    }

    /**
     * Whether no other left vectors are in those of small values: {@code b^-T (b^T u - s v)} without what is along small v, where
     * b u = s v holds anyway.
     */
    private static boolean exact(BandMatrix band, SmallDirections small, Matrix work, Matrix turn) {
        int count = small.count;
        Matrix rest = work.columns(count);
        Matrix v = small.last(small.vectors.v());
        Matrix part = turn.block(0, 0, count, count);
        band.times(true, small.last(small.vectors.u()), rest);
        Blas.gemm(1, v, true, rest, false, 0, part);
        Blas.gemm(-1, v, false, part, false, 1, rest);
        band.solve(true, rest);
        for (int j = 0; j < count; j++) {
            if (!(Math.sqrt(Blas.columnSquares(rest, j)) < EXACT)) {
                return false;
            }
        }
        return true;
    }
}

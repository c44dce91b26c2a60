// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

/**
 * The leading part of a decomposition by a randomised range finder with subspace iterations (Halko, Martinsson, Tropp, "Finding
 * structure with randomness", SIAM Review 53, 2011, algorithms 4.4 and 5.1), with a check of every vector pair, and the exact
 * decomposition where the check fails or a sketch could not pay.
 */
final class TruncatedSvd {
    /** Columns of the sketch beyond the wanted ones. */
    private static final int LEAST_SPARE = 10;

    /** A sketch of more than this share of the smaller side costs about as much as the exact way. */
    private static final double LARGEST_SHARE = 0.25;

    static final int ITERATIONS_PER_ROUND = 2;
    static final int MOST_ROUNDS = 4;

    private TruncatedSvd() {}

    static int width(int rank) {
        return rank + Math.max(LEAST_SPARE, rank / 4);
    }

    static boolean sketches(int rows, int cols, int rank) {
        return rank > 0 && width(rank) <= LARGEST_SHARE * Math.min(rows, cols);
    }

    static long bytes(int rows, int cols, int rank, Precision precision) {
        long exact = ThinSvd.bytes(rows, cols, rank, precision);
        if (!sketches(rows, cols, rank)) {
            return exact;
        }
        int width = width(rank);
        long range = Scratch.matrix(rows, width, precision) + Scratch.matrix(cols, width, precision)
                + Math.max(Lapack.qrBytes(rows, width, precision), Lapack.qrBytes(cols, width, precision));
        long small = Scratch.matrix(rows, width, precision) + Scratch.matrix(cols, width, precision)
                + Scratch.matrix(width, rank, precision) + Scratch.matrix(rows, rank, precision)
                + Scratch.matrix(cols, rank, precision) + ThinSvd.bytes(cols, width, rank, precision);
        return Math.max(exact, Math.max(range, small));
    }

    static Route compute(Matrix a, Svd into, Sketch sketch, Scratch scratch) {
        if (sketches(a.rows(), a.cols(), into.rank()) && found(a, into, sketch, scratch)) {
            return Route.RANDOMISED;
        }
        return ThinSvd.compute(a, into, scratch);
    }

    private static boolean found(Matrix a, Svd into, Sketch sketch, Scratch scratch) {
        int rank = into.rank();
        int width = width(rank);
        try (Scratch.Frame frame = scratch.frame()) {
            Matrix q = frame.matrix(a.rows(), width, a.precision());
            Matrix p = frame.matrix(a.cols(), width, a.precision());
            RandomMatrix.fill(p, sketch.seed());
            Matrix none = p.columns(0);
            double before = Double.POSITIVE_INFINITY;
            Blas.gemm(1, a, false, p, false, 0, q);
            Lapack.qr(q, none, scratch);
            for (int round = 0; round < MOST_ROUNDS; round++) {
                for (int i = 0; i < ITERATIONS_PER_ROUND; i++) {
                    Blas.gemm(1, a, true, q, false, 0, p);
                    Lapack.qr(p, none, scratch);
                    Blas.gemm(1, a, false, p, false, 0, q);
                    Lapack.qr(q, none, scratch);
                }
                double residual = extract(a, q, p, into, scratch);
                if (residual <= sketch.tolerance()) {
                    return true;
                }
                if (hopeless(before, residual, round, sketch.tolerance())) {
                    return false;
                }
                before = residual;
            }
            return false;
        }
    }

    /** Residuals shrink by a constant factor a round: too slow for the rounds that are left means never. */
    static boolean hopeless(double before, double residual, int round, double tolerance) {
        return before < Double.POSITIVE_INFINITY
                && residual * Math.pow(residual / before, MOST_ROUNDS - 1.0 - round) > tolerance;
    }

    /**
     * The decomposition within the range of q, by that of a^T q, which replaces p.
     *
     * @return the largest |a v - s u|, relative to the largest s. a^T u = s v holds by construction
     */
    private static double extract(Matrix a, Matrix q, Matrix p, Svd into, Scratch scratch) {
        int rank = into.rank();
        Blas.gemm(1, a, true, q, false, 0, p);
        try (Scratch.Frame frame = scratch.frame()) {
            Matrix left = frame.matrix(q.cols(), rank, a.precision());
            Matrix u = frame.matrix(a.rows(), rank, a.precision());
            Matrix v = into.v().cols() > 0 ? into.v() : frame.matrix(a.cols(), rank, a.precision());
            Matrix s = into.s().block(0, 0, rank, 1);
            ThinSvd.compute(p, new Svd(v, s, left), scratch);
            Blas.gemm(1, q, false, left, false, 0, u);
            if (into.u().cols() > 0) {
                Blas.copy(u, into.u());
            }
            double largest = s.get(0, 0);
            if (largest == 0) {
                return 0;
            }
            for (int j = 0; j < rank; j++) {
                Blas.scaleColumn(u, j, s.get(j, 0));
            }
            Blas.gemm(1, a, false, v, false, -1, u);
            double worst = 0;
            for (int j = 0; j < rank; j++) {
                worst = Math.max(worst, Blas.columnSquares(u, j));
            }
            return Math.sqrt(worst) / largest;
        }
    }
}

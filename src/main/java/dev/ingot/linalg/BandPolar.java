// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

/**
 * The polar factor of a large, nearly square float32 matrix without eigenvectors: {@code a = q b p^T} with a band matrix b, of
 * which the polar factor is a sum of few rational terms, and back. All of it is products of matrices, in float32 but for the
 * band, so that its error is some roundings of the largest value, as for singular vectors by LAPACK in float32. Directions of
 * the lowest values, which that sum is not exact enough for, are replaced by those of their singular vectors.
 */
final class BandPolar {
    /** Below this order eigenvectors are as fast, and for matrices that are longer than this as well. */
    private static final int LEAST_ORDER = 1536;
    private static final double MOST_LENGTH = 1.5;

    /**
     * Values below it, relative to the largest, go by vectors. The sum is of inverses of the square in float64, which half of the
     * digits are left of.
     */
    private static final double LOWEST = 3e-5;

    /** Far below the rounding of elements. */
    private static final double NONE = 1e-11;

    private static final double ERROR = 1e-8;

    private static final int POWERS = 16;
    /** By how much the power iteration may miss the square of the largest value. */
    private static final double MARGIN = 1.5;
    private static final long SEED = 0x506f_6c61_7220_6661L;

    private BandPolar() {}

    static boolean pays(int rows, int cols) {
        int order = Math.min(rows, cols);
        return order >= LEAST_ORDER && Math.max(rows, cols) <= MOST_LENGTH * order;
    }

    static long bytes(int rows, int cols) {
        int order = Math.min(rows, cols);
        int length = Math.max(rows, cols);
        int width = BandReduction.width(order);
        long full = Scratch.matrix(length, order, Precision.F32);
        long kept = (rows < cols ? 2 : 1) * full + BandReduction.bytes(order) + BandMatrix.bytes(order, width)
                + SmallDirections.bytes(order);
        int small = SmallDirections.vectors(order);
        long work = Math.max(
                Math.max(BandReduction.workBytes(length, order), SmallDirections.workBytes(order)),
                Math.max(BandRoot.bytes(order, width), 3 * Scratch.matrix(order, small, Precision.F32)));
        return kept + Math.max(work, 2 * Scratch.matrix(order, 1, Precision.F64));
    }

    /**
     * Computes it if the values permit it.
     *
     * @return how many directions were kept; if negative, the factor is undefined
     */
    static int compute(Matrix a, double tolerance, Matrix factor, Scratch scratch) {
        double magnitude = Blas.largest(a);
        if (tolerance > LOWEST || magnitude == 0) {
            return -1;
        }
        boolean tall = a.rows() >= a.cols();
        int order = a.smaller();
        try (Scratch.Frame frame = scratch.frame()) {
            Matrix reduced = frame.matrix(a.larger(), order, Precision.F32);
            Matrix turned = tall ? factor : frame.matrix(a.larger(), order, Precision.F32);
            // By a power of two, which rounds nothing.
            int exponent = Math.clamp(-Math.getExponent(magnitude), Float.MIN_EXPONENT, Float.MAX_EXPONENT);
            Blas.copyScaled(Math.scalb(1.0, exponent), a, !tall, reduced);
            BandReduction reduction = new BandReduction(reduced, frame);
            double mean = Math.sqrt(Blas.dot(reduced, reduced) / order);
            if (!reduction.reduce(LOWEST * mean, scratch)) {
                return -1;
            }
            int width = BandReduction.width(order);
            BandMatrix band = new BandMatrix(
                    frame.matrix(width, order, Precision.F64), frame.matrix(width, order, Precision.F64));
            reduction.band(band, NONE * mean);
            double largest = largest(band, scratch);
            SmallDirections small = SmallDirections.below(LOWEST * largest, band, frame, scratch);
            if (small.count() < 0) {
                return -1;
            }
            int rank = order - small.below(tolerance * largest);
            InverseRoot root = InverseRoot.of(LOWEST * LOWEST * largest * largest, MARGIN * largest * largest, ERROR);
            Matrix square = turned.block(0, 0, order, order);
            if (!BandRoot.polar(band, root, square, scratch)) {
                return -1;
            }
            replace(square, small, order - rank, scratch);
            Blas.clear(turned.block(order, 0, turned.rows() - order, order));
            reduction.turnBack(turned, scratch);
            if (!tall) {
                Blas.transpose(turned, factor);
            }
            return rank;
        }
    }

    /** The largest singular value, from below. */
    private static double largest(BandMatrix band, Scratch scratch) {
        try (Scratch.Frame frame = scratch.frame()) {
            Matrix x = frame.matrix(band.order(), 1, Precision.F64);
            Matrix y = frame.matrix(band.order(), 1, Precision.F64);
            RandomMatrix.fill(x, SEED);
            double norm = 0;
            for (int i = 0; i < POWERS; i++) {
                Blas.scaleColumn(x, 0, 1 / Math.sqrt(Blas.dot(x, x)));
                band.times(false, x, y);
                norm = Math.sqrt(Blas.dot(y, y));
                band.times(true, y, x);
            }
            return norm;
        }
    }

    /** Takes the small directions out, and puts in the products of singular vectors of all but the lowest. */
    private static void replace(Matrix square, SmallDirections small, int leftOut, Scratch scratch) {
        int count = small.count();
        if (count == 0) {
            return;
        }
        try (Scratch.Frame frame = scratch.frame()) {
            Matrix v = frame.matrix(square.rows(), count, Precision.F32);
            Matrix u = frame.matrix(square.rows(), count, Precision.F32);
            Matrix others = frame.matrix(square.rows(), count, Precision.F32);
            Blas.copy(small.last(small.vectors().v()), v);
            Blas.gemm(1, square, false, v, false, 0, u);
            Blas.gemm(-1, u, false, v, true, 1, square);
            Blas.copy(small.last(small.vectors().u()), u);
            // What rounding left of the other directions in them.
            Blas.gemm(1, square, true, u, false, 0, others);
            Blas.gemm(-1, square, false, others, false, 1, u);
            Matrix kept = u.columns(count - leftOut);
            Blas.gemm(1, kept, false, v.columns(kept.cols()), true, 1, square);
        }
    }
}

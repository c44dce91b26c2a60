// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

/**
 * The polar factor of a float32 matrix by dynamically weighted Halley iterations (Nakatsukasa, Bai, Gygi, "Optimizing Halley's
 * iteration for computing the matrix polar decomposition", SIAM J. Matrix Anal. Appl. 31, 2010), which are products and
 * Cholesky factors only: faster than eigenvectors where the matrix is large, nearly square, and its values differ by less than
 * some ten thousands. {@code x <- x ((b / c) 1 + (a - b / c) (1 + c x^T x)^-1)} with a, b and c from the lowest value.
 *
 * <p>Values of a random square matrix reach down to the reciprocal of its order. An iteration from there amplifies small
 * values a thousandfold, and is done in float64; the next ones are in float32. The last step takes what is left of
 * {@code 1 - x^T x}, summed in float64, away, and decides whether all went well.
 */
final class HalleyPolar {
    /** Below this order eigenvectors are as fast, and for matrices that are longer than this as well. */
    private static final int LEAST_ORDER = 3072;
    private static final double MOST_LENGTH = 1.5;

    /** Lowest value, relative to the largest, that is known well enough from a Gram matrix. */
    private static final double LOWEST = 1e-5;

    /** An iteration from a lowest value above this one loses little in float32. */
    private static final double LOWEST_SINGLE = 0.08;

    /** What is left to the last step. */
    private static final double CLOSE = 1e-3;
    private static final double LAST = 5e-3;
    private static final double LINEAR = 3e-4;
    private static final double HOPELESS = 0.3;
    private static final int MOST_STEPS = 3;

    private static final int POWERS = 12;
    private static final double MARGIN = 1.1;
    private static final long SEED = 0x506f_6c61_7220_6661L;

    private HalleyPolar() {}

    static boolean pays(int rows, int cols) {
        int order = Math.min(rows, cols);
        return order >= LEAST_ORDER && Math.max(rows, cols) <= MOST_LENGTH * order;
    }

    static long bytes(int rows, int cols) {
        int order = Math.min(rows, cols);
        long square = Scratch.matrix(order, order, Precision.F64);
        long gram = GramMatrix.bytes(order, Precision.F32);
        long first = 2 * square + Scratch.matrix(order, 1, Precision.F64)
                + Math.max(Math.max(gram, Scratch.matrix(order, 1, Precision.F64)),
                        2 * Scratch.matrix(GramMatrix.BLOCK, order, Precision.F64));
        long then = Scratch.matrix(rows, cols, Precision.F32) + 2 * Scratch.matrix(order, order, Precision.F32)
                + square + gram;
        return Math.max(first, then);
    }

    /**
     * Computes it if all directions are to be kept and the values do not differ by too much.
     *
     * @return whether it did; if not, the factor is undefined
     */
    static boolean compute(Matrix a, double tolerance, Matrix factor, Scratch scratch) {
        double lowest = begin(a, tolerance, factor, scratch);
        if (lowest == 0) {
            return false;
        }
        boolean ofRows = a.rows() < a.cols();
        int order = a.smaller();
        try (Scratch.Frame frame = scratch.frame()) {
            Matrix current = factor;
            Matrix next = frame.matrix(a.rows(), a.cols(), Precision.F32);
            Matrix square = frame.matrix(order, order, Precision.F32);
            while (lowest < 1 - CLOSE) {
                Weights weights = Weights.of(lowest);
                Blas.square(1, current, ofRows, 0, square);
                if (!rational(square, weights, 1, 1)) {
                    return false;
                }
                GramPolar.multiply(current, !ofRows, square, next);
                Matrix swap = current;
                current = next;
                next = swap;
                lowest = weights.map(lowest);
            }
            return straighten(current, next, square, factor, scratch);
        }
    }

    /** The weights for values from the lowest one to 1. */
    private record Weights(double a, double b, double c) {
        static Weights of(double lowest) {
            double square = lowest * lowest;
            double root = Math.sqrt(1 + Math.cbrt(4 * (1 - square) / (square * square)));
            double a = root + Math.sqrt(8 - 4 * (root * root - 1) + 8 * (2 - square) / (square * root)) / 2;
            double b = (a - 1) * (a - 1) / 4;
            return new Weights(a, b, a + b - 1);
        }

        double map(double value) {
            return Math.min(1, value * (a + b * value * value) / (1 + c * value * value));
        }
    }

    /** Replaces the lower triangle of x^T x by the matrix that x is to be multiplied with, where x is to be scaled as well. */
    private static boolean rational(Matrix square, Weights weights, double largestSquare, double scale) {
        Blas.scaleAndShift(square, weights.c() / largestSquare, 1);
        if (!Lapack.invert(square)) {
            return false;
        }
        double far = weights.b() / weights.c();
        Blas.scaleAndShift(square, scale * (weights.a() - far), scale * far);
        GramMatrix.mirror(square);
        return true;
    }

    /**
     * Scales to values of at most about 1, with an iteration in float64 if it is needed.
     *
     * @return about the lowest value then; 0 if the matrix is not fit
     */
    private static double begin(Matrix a, double tolerance, Matrix factor, Scratch scratch) {
        int order = a.smaller();
        try (Scratch.Frame frame = scratch.frame()) {
            Matrix square = frame.matrix(order, order, Precision.F64);
            Matrix other = frame.matrix(order, order, Precision.F64);
            Matrix x = frame.matrix(order, 1, Precision.F64);
            GramMatrix.lower(a, a.rows() < a.cols(), square, scratch);
            Blas.copy(square, other);
            if (!Lapack.cholesky(other)) {
                return 0;
            }
            double largest = MARGIN * largest(square, x, scratch);
            double lowest = Math.sqrt(lowest(other, x) / largest) / MARGIN;
            if (lowest < LOWEST || tolerance > lowest / 2) {
                return 0;
            }
            double scale = 1 / Math.sqrt(largest);
            if (lowest >= LOWEST_SINGLE) {
                for (int j = 0; j < a.cols(); j++) {
                    Blas.copyColumn(a, j, factor, j, scale);
                }
                return lowest;
            }
            Weights weights = Weights.of(lowest);
            if (!rational(square, weights, largest, scale)) {
                return 0;
            }
            GramPolar.inDouble(a, square, factor, scratch);
            return weights.map(lowest);
        }
    }

    /** The largest eigenvalue, from below. */
    private static double largest(Matrix square, Matrix x, Scratch scratch) {
        try (Scratch.Frame frame = scratch.frame()) {
            Matrix y = frame.matrix(x.rows(), 1, Precision.F64);
            RandomMatrix.fill(x, SEED);
            double norm = 0;
            for (int i = 0; i < POWERS; i++) {
                Blas.scaleColumn(x, 0, 1 / Math.sqrt(Blas.dot(x, x)));
                Blas.symmetricTimes(square, x, y);
                norm = Math.sqrt(Blas.dot(y, y));
                Blas.copy(y, x);
            }
            return norm;
        }
    }

    /** The smallest eigenvalue, from above, of a matrix of which this is the Cholesky factor. */
    private static double lowest(Matrix triangle, Matrix x) {
        RandomMatrix.fill(x, SEED);
        double norm = 0;
        for (int i = 0; i < POWERS / 2; i++) {
            Blas.scaleColumn(x, 0, 1 / Math.sqrt(Blas.dot(x, x)));
            Blas.solveSquare(triangle, x);
            norm = Math.sqrt(Blas.dot(x, x));
        }
        return 1 / norm;
    }

    /** Steps x (1 + e / 2 + 3 e^2 / 8) with e = 1 - x^T x, the beginning of the series of x (x^T x)^(-1/2). */
    private static boolean straighten(Matrix from, Matrix to, Matrix rest, Matrix factor, Scratch scratch) {
        Matrix current = from;
        Matrix next = to;
        boolean ofRows = factor.rows() < factor.cols();
        try (Scratch.Frame frame = scratch.frame()) {
            Matrix step = frame.matrix(rest.rows(), rest.cols(), Precision.F32);
            for (int i = 0; i < MOST_STEPS; i++) {
                double norm = rest(current, ofRows, rest, scratch);
                if (!(norm < HOPELESS)) {
                    return false;
                }
                for (int j = 0; j < rest.cols(); j++) {
                    Blas.copyColumn(rest, j, step, j, 0.5);
                }
                if (norm > LINEAR) {
                    Blas.square(0.375, rest, false, 1, step);
                    GramMatrix.mirror(step);
                }
                Blas.copy(current, next);
                if (ofRows) {
                    Blas.gemm(1, step, false, current, false, 1, next);
                } else {
                    Blas.gemm(1, current, false, step, false, 1, next);
                }
                if (norm <= LAST) {
                    if (next != factor) {
                        Blas.copy(next, factor);
                    }
                    return true;
                }
                Matrix swap = current;
                current = next;
                next = swap;
            }
            return false;
        }
    }

    /** e = 1 - x^T x, both triangles, and its Frobenius norm. */
    private static double rest(Matrix x, boolean ofRows, Matrix rest, Scratch scratch) {
        try (Scratch.Frame frame = scratch.frame()) {
            Matrix square = frame.matrix(rest.rows(), rest.cols(), Precision.F64);
            GramMatrix.lower(x, ofRows, square, scratch);
            Blas.scaleAndShift(square, -1, 1);
            Blas.copy(square, rest);
        }
        GramMatrix.mirror(rest);
        return Math.sqrt(Blas.dot(rest, rest));
    }
}

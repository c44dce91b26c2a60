// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

/**
 * The polar factor on a GPU by products alone, which there are many times faster than eigenvectors: X becomes
 * {@code a X (3 - a^2 X^T X) / 2} until all its singular values are 1. With all of them in [l, 1], the factor
 * {@code a^2 = 3 / (1 + l + l^2)} raises the lowest the most that keeps the others below 1 (Chen and Chow, "A stable scaling of
 * Newton-Schulz for improving the sign function computation of a Hermitian matrix", 2014), by 2.6 a step as long as it is small.
 *
 * <p>Both bounds are proven by Cholesky factors, so that a number of steps that is known before is enough. What has values below
 * the lower one is left to eigenvectors.
 */
final class DeviceNewton {
    /** Steps for the estimate of the largest value, of which the bound is more by a margin. */
    private static final int POWER_STEPS = 12;

    private static final double MARGIN = 1.2;
    private static final int COLUMNS = 4;
    private static final long SEED = 1;

    /** Beyond it a step squares the distance to 1 for the last time. */
    private static final double NEARLY = 1e-5;

    private DeviceNewton() {}

    /** Steps work on the whole matrix, so that a long one is better left to its small side. */
    static boolean pays(DeviceMatrix wide) {
        return Math.max(wide.rows(), wide.cols()) <= 2L * Math.min(wide.rows(), wide.cols());
    }

    /**
     * The factor, in float64.
     *
     * @param wide   the matrix
     * @param lower  lower triangle of its Gram matrix of the smaller side
     * @param lowest values must be above it, relative to the largest
     * @return null if some are not
     */
    static DeviceMatrix factor(DeviceMatrix wide, DeviceMatrix lower, double lowest, DeviceWork work) {
        double bound = MARGIN * largest(work.mirrored(lower), work);
        if (!(bound > 0) || !work.isPositive(work.shifted(-1, lower, bound))
                || !work.isPositive(work.shifted(1, lower, -lowest * lowest * bound))) {
            return null;
        }
        boolean tall = wide.rows() >= wide.cols();
        DeviceMatrix x = work.scaled(1 / Math.sqrt(bound), wide);
        DeviceMatrix next = work.matrix(wide.rows(), wide.cols(), Precision.F64);
        DeviceMatrix half = work.matrix(lower.rows(), lower.rows(), Precision.F64);
        DeviceMatrix square = work.matrix(lower.rows(), lower.rows(), Precision.F64);
        double low = lowest;
        for (boolean last = false; !last; ) {
            last = 1 - low < NEARLY;
            double a = Math.sqrt(3 / (1 + low + low * low));
            work.mirrored(work.lowerSquare(x, !tall, half), square);
            work.copy(x, next);
            work.multiply(-0.5 * a * a * a, tall ? x : square, false, tall ? square : x, false, 1.5 * a, next);
            DeviceMatrix before = x;
            x = next;
            next = before;
            low = 0.5 * a * low * (3 - a * a * low * low);
        }
        return x;
    }

    /** An estimate of the largest eigenvalue, from below, by powers of random columns. */
    private static double largest(DeviceMatrix square, DeviceWork work) {
        DeviceMatrix columns = work.random(square.rows(), COLUMNS, SEED, Precision.F64);
        double largest = 0;
        for (int step = 0; step < POWER_STEPS; step++) {
            columns = work.product(square, false, columns, false);
            double[] squares = work.columnSquares(columns);
            double[] factors = new double[COLUMNS];
            for (int j = 0; j < COLUMNS; j++) {
                factors[j] = squares[j] == 0 ? 1 : 1 / Math.sqrt(squares[j]);
                // The first are not of unit length yet.
                largest = step == 0 ? 0 : Math.max(largest, Math.sqrt(squares[j]));
            }
            work.scaleColumns(columns, factors);
        }
        return largest;
    }
}

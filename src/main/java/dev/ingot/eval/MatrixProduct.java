// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

/**
 * The one loop that takes the time of every forward pass: y = y + x w for matrices that are arrays of rows.
 *
 * <p>The inner loop runs over the columns of y, which are independent of each other, so that the JIT compiler turns it
 * into vector instructions; a sum over x's columns it must not reorder. Four rows of w at a time save three of four
 * loads and stores of y, and two rows of y at a time half of the loads of w. Rows of y are taken in blocks that stay in
 * cache. Every element of y is summed in the same order whatever the number of its rows.
 */
final class MatrixProduct {
    private static final int BLOCK = 16;

    private MatrixProduct() {}

    /**
     * Adds x w to y.
     *
     * @param y [n, outputs], changed
     * @param x [n, at least inputs]
     * @param w [inputs, at least outputs]
     */
    static void add(float[][] y, float[][] x, float[][] w) {
        for (int from = 0; from < y.length; from += BLOCK) {
            addBlock(y, x, w, from, Math.min(from + BLOCK, y.length));
        }
    }

    private static void addBlock(float[][] y, float[][] x, float[][] w, int from, int to) {
        int pairs = from + (to - from & ~1);
        int fours = w.length & ~3;
        for (int in = 0; in < fours; in += 4) {
            for (int i = from; i < pairs; i += 2) {
                addFour(y[i], y[i + 1], w[in], w[in + 1], w[in + 2], w[in + 3], x[i], x[i + 1], in);
            }
            for (int i = pairs; i < to; i++) {
                addFour(y[i], w[in], w[in + 1], w[in + 2], w[in + 3], x[i], in);
            }
        }
        for (int in = fours; in < w.length; in++) {
            for (int i = from; i < to; i++) {
                addOne(y[i], w[in], x[i][in]);
            }
        }
    }

    /** Two rows of y, which are different arrays. */
    private static void addFour(float[] y, float[] z, float[] w0, float[] w1, float[] w2, float[] w3, float[] x,
            float[] u, int in) {
        float x0 = x[in];
        float x1 = x[in + 1];
        float x2 = x[in + 2];
        float x3 = x[in + 3];
        float u0 = u[in];
        float u1 = u[in + 1];
        float u2 = u[in + 2];
        float u3 = u[in + 3];
        for (int out = 0; out < y.length; out++) {
            y[out] += (x0 * w0[out] + x1 * w1[out]) + (x2 * w2[out] + x3 * w3[out]);
            z[out] += (u0 * w0[out] + u1 * w1[out]) + (u2 * w2[out] + u3 * w3[out]);
        }
    }

    private static void addFour(float[] y, float[] w0, float[] w1, float[] w2, float[] w3, float[] x, int in) {
        float x0 = x[in];
        float x1 = x[in + 1];
        float x2 = x[in + 2];
        float x3 = x[in + 3];
        for (int out = 0; out < y.length; out++) {
            y[out] += (x0 * w0[out] + x1 * w1[out]) + (x2 * w2[out] + x3 * w3[out]);
        }
    }

    private static void addOne(float[] y, float[] w, float x) {
        for (int out = 0; out < y.length; out++) {
            y[out] += x * w[out];
        }
    }
}

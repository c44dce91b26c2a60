// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

/**
 * The exponential function in float: quick, and the same bits on every machine.
 *
 * <p>e^x = 2^n e^r with n the integer nearest to x / ln 2. The remainder r is exact thanks to W. J. Cody's and W.
 * Waite's split of ln 2 into a short and a small part ("Software Manual for the Elementary Functions", 1980); e^r is
 * its Taylor series to the seventh power, whose error within |r| of 0.35 is below float's rounding.
 */
final class FastExp {
    private static final float LOG2_E = 1.44269504f;
    private static final float LN2_SHORT = 0.693359375f;
    private static final float LN2_REST = -2.12194440e-4f;
    /** Below this the result, less than 1e-37, is taken as 0. */
    private static final float LOWEST = -86;
    /** Above this the result would leave the range of float. */
    private static final float HIGHEST = 88;

    private FastExp() {}

    /** e to the power of x with a relative error below 4e-7; 0 below -86, infinite above 88, NaN for NaN. */
    static float exp(float x) {
        if (x < LOWEST) {
            return 0;
        }
        if (!(x <= HIGHEST)) {
            return x + Float.POSITIVE_INFINITY;
        }
        float scaled = x * LOG2_E;
        int n = (int) (scaled + Math.copySign(0.5f, scaled));
        float r = (x - n * LN2_SHORT) - n * LN2_REST;
        float tail = ((((r * (1 / 5040f) + 1 / 720f) * r + 1 / 120f) * r + 1 / 24f) * r + 1 / 6f) * r + 0.5f;
        return (tail * r * r + r + 1) * Float.intBitsToFloat(n + 127 << 23);
    }

    /** The logistic function's product with x, "SiLU" (S. Elfwing, E. Uchibe and K. Doya, arXiv:1702.03118). */
    static float silu(float x) {
        return x / (1 + exp(-x));
    }
}

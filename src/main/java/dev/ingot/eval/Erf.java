// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

/**
 * The error function and the activation built from it.
 *
 * <p>Method and coefficients: W. J. Cody, "Rational Chebyshev Approximations for the Error Function", Mathematics of
 * Computation 23 (1969), pages 631-637: one rational function for each of |x| up to 0.46875, up to 4, and above.
 */
final class Erf {
    private static final double FIRST_END = 0.46875;
    private static final double SECOND_END = 4;
    /** From here on, erf is 1 in double precision. */
    private static final double SATURATED = 6;
    private static final double INVERSE_SQRT_PI = 0.56418958354775628695;
    private static final double INVERSE_SQRT_2 = 0.70710678118654752440;

    // Coefficients of the highest power first.
    private static final double[] P1 = {1.85777706184603153e-1, 3.16112374387056560, 1.13864154151050156e2,
        3.77485237685302021e2, 3.20937758913846947e3};
    private static final double[] Q1 = {1, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3,
        2.84423683343917062e3};
    private static final double[] P2 = {2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594,
        6.61191906371416295e1, 2.98635138197400131e2, 8.81952221241769090e2, 1.71204761263407058e3,
        2.05107837782607147e3, 1.23033935479799725e3};
    private static final double[] Q2 = {1, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2,
        1.62138957456669019e3, 3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3,
        1.23033935480374942e3};
    private static final double[] P3 = {1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1,
        1.25781726111229246e-1, 1.60837851487422766e-2, 6.58749161529837803e-4};
    private static final double[] Q3 = {1, 2.56852019228982242, 1.87295284992346047, 5.27905102951428412e-1,
        6.05183413124413191e-2, 2.33520497626869185e-3};

    private Erf() {}

    /** The error function, with an absolute error below 1e-15. */
    static double erf(double x) {
        double y = Math.abs(x);
        if (y <= FIRST_END) {
            double square = x * x;
            return x * (polynomial(P1, square) / polynomial(Q1, square));
        }
        if (y >= SATURATED) {
            return Math.signum(x);
        }
        return Math.copySign(1 - complement(y), x);
    }

    /** 1 - erf(y) for y above {@link #FIRST_END}; NaN for NaN. */
    private static double complement(double y) {
        // StrictMath: Math.exp may differ in the last bit between machines.
        double decay = StrictMath.exp(-y * y);
        if (y <= SECOND_END) {
            return decay * (polynomial(P2, y) / polynomial(Q2, y));
        }
        double inverse = 1 / (y * y);
        double tail = inverse * (polynomial(P3, inverse) / polynomial(Q3, inverse));
        return decay * ((INVERSE_SQRT_PI - tail) / y);
    }

    /** GELU in its exact form, x times the normal distribution function (D. Hendrycks, K. Gimpel, arXiv:1606.08415). */
    static float gelu(float x) {
        return (float) (0.5 * x * (1 + erf(x * INVERSE_SQRT_2)));
    }

    private static double polynomial(double[] coefficients, double x) {
        double sum = 0;
        for (double coefficient : coefficients) {
            sum = sum * x + coefficient;
        }
        return sum;
    }
}

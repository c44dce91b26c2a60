// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

/**
 * The best rational function of its kind for {@code x^(-1/2)}, a sum of {@code weight / (x + shift)} with positive weights and
 * shifts, so that no sum cancels (Zolotarev; Hale, Higham, Trefethen, "Computing A^alpha, log(A), and related matrix functions
 * by contour integrals", SIAM J. Numer. Anal. 46, 2008, section 3). It is the midpoint rule for
 * {@code 2 / pi int_0^inf dt / (t^2 + x)} after {@code t = sqrt(lowest) sc(u)} with the Jacobi elliptic function sc of the
 * complementary modulus {@code sqrt(lowest / highest)}.
 *
 * @param shifts  what is added to x
 * @param weights of the terms
 */
record InverseRoot(double[] shifts, double[] weights) {
    /** Descending Landen transformations, each of which squares the distance of the modulus from 1. */
    private static final int LANDEN = 12;

    /**
     * For x from the lowest to the highest.
     *
     * @param error relative, which is not exceeded
     */
    static InverseRoot of(double lowest, double highest, double error) {
        double complement = Math.sqrt(lowest / highest);
        double[] means = new double[LANDEN];
        double[] halves = new double[LANDEN];
        double mean = 1;
        double geometric = complement;
        halves[0] = Math.sqrt(1 - complement * complement);
        means[0] = 1;
        for (int i = 1; i < LANDEN; i++) {
            halves[i] = (mean - geometric) / 2;
            double next = (mean + geometric) / 2;
            geometric = Math.sqrt(mean * geometric);
            mean = next;
            means[i] = mean;
        }
        double quarter = Math.PI / (2 * mean);
        int count = (int) Math.ceil(Math.log(4 / error) * Math.log(4 / complement) / (Math.PI * Math.PI));
        double[] shifts = new double[count];
        double[] weights = new double[count];
        double factor = 2 * Math.sqrt(lowest) * quarter / (Math.PI * count);
        for (int i = 0; i < (count + 1) / 2; i++) {
            double angle = amplitude((i + 0.5) * quarter / count, means, halves);
            double cosine = Math.cos(angle);
            double sine = Math.sin(angle);
            double delta = Math.hypot(cosine, complement * sine);
            double tangent = sine / cosine;
            // At quarter - u the functions follow from those at u, while the cosine there would be lost in rounding.
            double beyond = 1 / (complement * tangent);
            shifts[i] = lowest * tangent * tangent;
            weights[i] = factor * delta / (cosine * cosine);
            shifts[count - 1 - i] = lowest * beyond * beyond;
            weights[count - 1 - i] = factor * delta / (complement * sine * sine);
        }
        return new InverseRoot(shifts, weights);
    }

    /** Jacobi's amplitude by arithmetic-geometric means (Abramowitz and Stegun, 16.4). */
    private static double amplitude(double u, double[] means, double[] halves) {
        double angle = Math.scalb(means[LANDEN - 1] * u, LANDEN - 1);
        for (int i = LANDEN - 1; i > 0; i--) {
            angle = (angle + Math.asin(halves[i] / means[i] * Math.sin(angle))) / 2;
        }
        return angle;
    }

    int count() {
        return shifts.length;
    }

    /** The sum. */
    double at(double x) {
        double sum = 0;
        for (int i = 0; i < shifts.length; i++) {
            sum += weights[i] / (x + shifts[i]);
        }
        return sum;
    }
}

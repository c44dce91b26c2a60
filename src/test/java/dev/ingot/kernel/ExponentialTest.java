// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ExponentialTest {
    /** Every float32 whose pattern is a multiple of a prime. */
    private static final int STEP = 1009;

    @Test
    void exponentialIsWithinTwoUlp() {
        for (long bits = 0; bits < 1L << 32; bits += STEP) {
            float x = Float.intBitsToFloat((int) bits);
            check(x, Exponential.exp(x), Math.exp(x));
        }
    }

    @Test
    void logarithmIsWithinTwoUlp() {
        for (long bits = 0; bits < 1L << 32; bits += STEP) {
            float x = Float.intBitsToFloat((int) bits);
            check(x, Exponential.log(x), Math.log(x));
        }
    }

    @Test
    void endsOfTheRange() {
        assertThat(Exponential.exp(0)).isEqualTo(1);
        assertThat(Exponential.exp(-0f)).isEqualTo(1);
        assertThat(Exponential.exp(Float.POSITIVE_INFINITY)).isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(Exponential.exp(Float.NEGATIVE_INFINITY)).isZero();
        assertThat(Exponential.exp(Float.NaN)).isNaN();
        assertThat(Exponential.log(1)).isZero();
        assertThat(Exponential.log(0)).isEqualTo(Float.NEGATIVE_INFINITY);
        assertThat(Exponential.log(-0f)).isEqualTo(Float.NEGATIVE_INFINITY);
        assertThat(Exponential.log(-1)).isNaN();
        assertThat(Exponential.log(Float.POSITIVE_INFINITY)).isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(Exponential.log(Float.MIN_VALUE)).isEqualTo((float) Math.log(Float.MIN_VALUE));
    }

    private static void check(float x, float actual, double exact) {
        float expected = (float) exact;
        boolean near = Float.isNaN(expected)
                ? Float.isNaN(actual)
                : actual == expected || Math.abs(actual - exact) <= 2 * Math.ulp(expected);
        if (!near) {
            assertThat(actual).as("at " + x + " (" + Float.toHexString(x) + ")").isEqualTo(expected);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

/** exp and log as {@code native/include/ingot/math/exp.h} has them, operation by operation. */
final class Exponential {
    private static final float ROUND = 12582912.0f;

    private Exponential() {}

    static float exp(float x) {
        float y = x < -105.0f ? -105.0f : x > 90.0f ? 90.0f : x;
        float shifted = y * 1.44269504f + ROUND;
        int n = Float.floatToRawIntBits(shifted) - Float.floatToRawIntBits(ROUND);
        float steps = shifted - ROUND;
        float r = y - steps * 0.693359375f - steps * -2.12194440e-4f;
        float p = 1.9875691500e-4f;
        p = p * r + 1.3981999507e-3f;
        p = p * r + 8.3334519073e-3f;
        p = p * r + 4.1665795894e-2f;
        p = p * r + 1.6666665459e-1f;
        p = p * r + 5.0000001201e-1f;
        p = p * (r * r) + r + 1.0f;
        int half = (n + 256 >>> 1) - 128;
        return p * power(half) * power(n - half);
    }

    private static float power(int n) {
        return Float.intBitsToFloat(n + 127 << 23);
    }

    static float log(float x) {
        if (x == 0) {
            return Float.NEGATIVE_INFINITY;
        }
        if (x < 0 || x != x) {
            return Float.NaN;
        }
        if (x == Float.POSITIVE_INFINITY) {
            return x;
        }
        boolean tiny = x < Float.MIN_NORMAL;
        int bits = Float.floatToRawIntBits(tiny ? x * 8388608.0f : x);
        float m = Float.intBitsToFloat(bits & 0x7fffff | 0x3f000000);
        boolean low = m < 0.707106781f;
        float steps = (bits >>> 23) - 126 - (tiny ? 23 : 0) - (low ? 1 : 0);
        float f = (low ? m + m : m) - 1.0f;
        float z = f * f;
        float p = 7.0376836292e-2f;
        p = p * f + -1.1514610310e-1f;
        p = p * f + 1.1676998740e-1f;
        p = p * f + -1.2420140846e-1f;
        p = p * f + 1.4249322787e-1f;
        p = p * f + -1.6668057665e-1f;
        p = p * f + 2.0000714765e-1f;
        p = p * f + -2.4999993993e-1f;
        p = p * f + 3.3333331174e-1f;
        float y = p * f * z;
        y = y + steps * -2.12194440e-4f;
        y = y - z * 0.5f;
        return f + y + steps * 0.693359375f;
    }
}

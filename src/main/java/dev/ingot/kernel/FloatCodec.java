// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

/**
 * Conversions between storage types and float32, one element at a time: the definition all backends follow.
 *
 * <p>Widening is exact. Narrowing rounds to nearest, ties to even, keeps subnormals, and turns every NaN into the
 * canonical one (sign clear, quiet, payload 0). F16 and F8_E5M2 overflow to infinity; F8_E4M3, which has no infinity,
 * saturates at 448, for infinite values too. F64 is rounded to float32 on load. Everything below 32 bits is integer
 * arithmetic on bit patterns, so that no library's or processor's idea of rounding can leak in. Thread-safe.
 *
 * <p>Sources: IEEE 754-2019 section 4.3.1; FP8 Formats for Deep Learning (arXiv 2209.05433).
 */
public final class FloatCodec {
    private static final int MAGNITUDE = 0x7fffffff;
    private static final int INFINITY = 0x7f800000;
    private static final int NAN = 0x7fc00000;
    private static final int FLOAT_MANTISSA = 23;
    private static final int FLOAT_BIAS = 127;

    private static final float[] E4M3_VALUES = new float[256];
    private static final float[] E5M2_VALUES = new float[256];

    static {
        for (int code = 0; code < 256; code++) {
            // The largest code of E4M3 is its only NaN; the exponent of all ones is otherwise an ordinary one.
            E4M3_VALUES[code] = (code & 0x7f) == 0x7f ? Float.NaN : widenFinite(code, 4, 3);
            // E5M2 is the upper half of F16.
            E5M2_VALUES[code] = fromF16((short) (code << 8));
        }
    }

    private FloatCodec() {}

    /** Widens a BF16 pattern. */
    public static float fromBf16(short code) {
        return Float.intBitsToFloat(code << 16);
    }

    /** Widens an F16 pattern. */
    public static float fromF16(short code) {
        int magnitude = code & 0x7fff;
        if (magnitude < 0x7c00) {
            return widenFinite(code & 0xffff, 5, 10);
        }
        int special = magnitude == 0x7c00 ? INFINITY : NAN | magnitude << 13;
        return Float.intBitsToFloat((code & 0x8000) << 16 | special);
    }

    /** Widens an F8_E4M3 pattern. */
    public static float fromE4m3(byte code) {
        return E4M3_VALUES[code & 0xff];
    }

    /** Widens an F8_E5M2 pattern. */
    public static float fromE5m2(byte code) {
        return E5M2_VALUES[code & 0xff];
    }

    /** Rounds an F64 value to float32. */
    public static float fromF64(double value) {
        return (float) value;
    }

    /** The F32 pattern of a value. */
    public static int toF32(float value) {
        return Float.floatToIntBits(value);
    }

    /** The F64 pattern of a value. */
    public static long toF64(float value) {
        return Double.doubleToLongBits(value);
    }

    /** Rounds to a BF16 pattern. */
    public static short toBf16(float value) {
        if (value != value) {
            return (short) (NAN >>> 16);
        }
        // A carry out of the mantissa raises the exponent, up to infinity: exactly what rounding asks for. The sign stays.
        return (short) shiftRounding(Float.floatToRawIntBits(value), 16);
    }

    /** Rounds to an F16 pattern. */
    public static short toF16(float value) {
        return (short) narrow(value, 5, 10, 0x7c00, 0x7e00);
    }

    /** Rounds to an F8_E4M3 pattern. */
    public static byte toE4m3(float value) {
        return (byte) narrow(value, 4, 3, 0x7e, 0x7f);
    }

    /** Rounds to an F8_E5M2 pattern. */
    public static byte toE5m2(float value) {
        return (byte) narrow(value, 5, 2, 0x7c, 0x7e);
    }

    private static float widenFinite(int code, int exponentBits, int mantissaBits) {
        int sign = code >>> (exponentBits + mantissaBits);
        int magnitude = code & ((1 << (exponentBits + mantissaBits)) - 1);
        int bias = (1 << (exponentBits - 1)) - 1;
        int wide;
        if (magnitude >>> mantissaBits == 0) {
            // A subnormal counts steps of 2^(1 - bias - mantissaBits); both factors and the product are exact.
            float step = Float.intBitsToFloat((FLOAT_BIAS + 1 - bias - mantissaBits) << FLOAT_MANTISSA);
            wide = Float.floatToRawIntBits(magnitude * step);
        } else {
            wide = (magnitude << (FLOAT_MANTISSA - mantissaBits)) + ((FLOAT_BIAS - bias) << FLOAT_MANTISSA);
        }
        return Float.intBitsToFloat(sign << 31 | wide);
    }

    /**
     * @param ceiling the code that takes everything too large: infinity, or the largest finite value where there is none
     * @param nan     the canonical NaN
     */
    private static int narrow(float value, int exponentBits, int mantissaBits, int ceiling, int nan) {
        int bits = Float.floatToRawIntBits(value);
        int magnitude = bits & MAGNITUDE;
        if (magnitude > INFINITY) {
            return nan;
        }
        int bias = (1 << (exponentBits - 1)) - 1;
        int shift = FLOAT_MANTISSA - mantissaBits;
        int exponent = (magnitude >>> FLOAT_MANTISSA) - FLOAT_BIAS + bias;
        int code;
        if (exponent > 0) {
            code = shiftRounding(magnitude - ((FLOAT_BIAS - bias) << FLOAT_MANTISSA), shift);
        } else {
            // The target is subnormal: its step is fixed, so the significand with its hidden bit moves further right.
            // From 25 places on nothing is left of it, which also covers float32's own subnormals.
            int significand = (magnitude & 0x7fffff) | 0x800000;
            code = shiftRounding(significand, Math.min(shift + 1 - exponent, 25));
        }
        int sign = bits >>> 31 << (exponentBits + mantissaBits);
        return sign | Math.min(code, ceiling);
    }

    /** bits / 2^places, rounded to nearest even. */
    private static int shiftRounding(int bits, int places) {
        int belowHalf = (1 << (places - 1)) - 1;
        int odd = bits >>> places & 1;
        return (bits + belowHalf + odd) >>> places;
    }
}

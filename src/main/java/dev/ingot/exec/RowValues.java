// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.kernel.FloatCodec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Sums of rows in float64. */
final class RowValues {
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;

    private RowValues() {}

    /** Adds count stored elements to as many sums. */
    static void add(MemorySegment row, Dtype dtype, long count, MemorySegment sums) {
        for (long i = 0; i < count; i++) {
            double sum = sums.getAtIndex(ValueLayout.JAVA_DOUBLE, i) + get(row, dtype, i);
            sums.setAtIndex(ValueLayout.JAVA_DOUBLE, i, sum);
        }
    }

    private static double get(MemorySegment row, Dtype dtype, long i) {
        return switch (dtype) {
            case BF16 -> FloatCodec.fromBf16(row.getAtIndex(SHORT, i));
            case F16 -> FloatCodec.fromF16(row.getAtIndex(SHORT, i));
            case F32 -> row.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i);
            case F64 -> row.getAtIndex(ValueLayout.JAVA_DOUBLE_UNALIGNED, i);
            case F8_E4M3 -> FloatCodec.fromE4m3(row.get(ValueLayout.JAVA_BYTE, i));
            case F8_E5M2 -> FloatCodec.fromE5m2(row.get(ValueLayout.JAVA_BYTE, i));
            default -> throw new IllegalArgumentException(dtype + " is no type of merged weights");
        };
    }

    /** Stores count quotients of sums and a number of rows, each rounded once. */
    static void quotients(MemorySegment sums, double rows, Dtype dtype, long count, MemorySegment row) {
        for (long i = 0; i < count; i++) {
            set(row, dtype, i, sums.getAtIndex(ValueLayout.JAVA_DOUBLE, i) / rows);
        }
    }

    private static void set(MemorySegment row, Dtype dtype, long i, double value) {
        switch (dtype) {
            case BF16 -> row.setAtIndex(SHORT, i, FloatCodec.toBf16(odd(value)));
            case F16 -> row.setAtIndex(SHORT, i, FloatCodec.toF16(odd(value)));
            case F32 -> row.setAtIndex(ValueLayout.JAVA_INT_UNALIGNED, i, FloatCodec.toF32((float) value));
            case F64 -> row.setAtIndex(
                    ValueLayout.JAVA_LONG_UNALIGNED, i, Double.doubleToLongBits(value));
            case F8_E4M3 -> row.set(ValueLayout.JAVA_BYTE, i, FloatCodec.toE4m3(odd(value)));
            case F8_E5M2 -> row.set(ValueLayout.JAVA_BYTE, i, FloatCodec.toE5m2(odd(value)));
            default -> throw new IllegalArgumentException(dtype + " is no type of merged weights");
        }
    }

    /**
     * Rounds to odd: an inexact value becomes the neighbour whose last bit is set, so that rounding on to fewer bits gives what
     * rounding at once would (Boldo and Melquiond, IEEE Transactions on Computers 57(4), 2008).
     */
    private static float odd(double value) {
        float near = (float) value;
        boolean exact = near == value || Double.isNaN(value);
        if (exact || (Float.floatToRawIntBits(near) & 1) == 1) {
            return near;
        }
        return near < value ? Math.nextUp(near) : Math.nextDown(near);
    }
}

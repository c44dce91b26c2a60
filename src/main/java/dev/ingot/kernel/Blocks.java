// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Moves blocks of elements between storage form and float32 arrays, at any alignment. */
final class Blocks {
    /**
     * Elements per block: small enough that a block of every model stays in the cache, and a divisor of
     * {@link Kernels#CHUNK}.
     */
    static final int SIZE = 1024;

    static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Blocks() {}

    /** How many elements the block at {@code first} of {@code count} elements has. */
    static int length(long first, long count) {
        return (int) Math.min(SIZE, count - first);
    }

    /** Widens elements first to first + n into the array. */
    static void load(Operand operand, long first, int n, float[] values) {
        long bytes = operand.dtype().bytes();
        MemorySegment data = stable(operand.data().asSlice(first * bytes, n * bytes));
        switch (operand.dtype()) {
            case F32 -> {
                for (int i = 0; i < n; i++) {
                    values[i] = Float.intBitsToFloat(data.get(INT, 4L * i));
                }
            }
            case BF16 -> {
                for (int i = 0; i < n; i++) {
                    values[i] = FloatCodec.fromBf16(data.get(SHORT, 2L * i));
                }
            }
            case F16 -> {
                for (int i = 0; i < n; i++) {
                    values[i] = FloatCodec.fromF16(data.get(SHORT, 2L * i));
                }
            }
            case F64 -> {
                for (int i = 0; i < n; i++) {
                    values[i] = FloatCodec.fromF64(data.get(DOUBLE, 8L * i));
                }
            }
            case F8_E4M3 -> {
                for (int i = 0; i < n; i++) {
                    values[i] = FloatCodec.fromE4m3(data.get(BYTE, i));
                }
            }
            case F8_E5M2 -> {
                for (int i = 0; i < n; i++) {
                    values[i] = FloatCodec.fromE5m2(data.get(BYTE, i));
                }
            }
            default -> throw new IllegalArgumentException(operand.dtype() + " is not computed with");
        }
    }

    /**
     * Mapped memory is copied before it is computed with. When the file has become shorter, Java skips the instruction that
     * reads, and reports the fault a little later; until then compiled code would work with whatever a register held, even as
     * an index that it believes to be in range. In a copy there are only bytes.
     */
    private static MemorySegment stable(MemorySegment data) {
        return data.isMapped() ? MemorySegment.ofArray(data.toArray(BYTE)) : data;
    }

    /** Rounds the array's first n values to elements first to first + n. */
    static void store(float[] values, int n, Operand operand, long first) {
        MemorySegment data = operand.data();
        switch (operand.dtype()) {
            case F32 -> {
                for (int i = 0; i < n; i++) {
                    data.set(INT, (first + i) * 4, FloatCodec.toF32(values[i]));
                }
            }
            case BF16 -> {
                for (int i = 0; i < n; i++) {
                    data.set(SHORT, (first + i) * 2, FloatCodec.toBf16(values[i]));
                }
            }
            case F16 -> {
                for (int i = 0; i < n; i++) {
                    data.set(SHORT, (first + i) * 2, FloatCodec.toF16(values[i]));
                }
            }
            case F64 -> {
                for (int i = 0; i < n; i++) {
                    data.set(LONG, (first + i) * 8, FloatCodec.toF64(values[i]));
                }
            }
            case F8_E4M3 -> {
                for (int i = 0; i < n; i++) {
                    data.set(BYTE, first + i, FloatCodec.toE4m3(values[i]));
                }
            }
            case F8_E5M2 -> {
                for (int i = 0; i < n; i++) {
                    data.set(BYTE, first + i, FloatCodec.toE5m2(values[i]));
                }
            }
            default -> throw new IllegalArgumentException(operand.dtype() + " is not computed with");
        }
    }

    /** Replaces bits first and following. */
    static void putBits(boolean[] values, MemorySegment bits, long first) {
        for (int i = 0; i < values.length; i++) {
            long at = first + i >> 3;
            int bit = 1 << (first + i & 7);
            int old = bits.get(BYTE, at);
            bits.set(BYTE, at, (byte) (values[i] ? old | bit : old & ~bit));
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cuda;

import dev.ingot.ffi.cuda.CudaDriver;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.ToIntBiFunction;
import java.util.function.ToIntFunction;

/** Checks results of the driver, and fetches what its functions give through pointers. */
final class DriverCall {
    /** Longest text that is read from the driver or a library. */
    static final int TEXT = 512;

    private DriverCall() {}

    /** @throws CudaException if the result is not success */
    static void check(String function, int result) {
        if (result != CudaDriver.CUDA_SUCCESS()) {
            throw new CudaException(function, result, describe(result));
        }
    }

    static long getLong(String function, ToIntFunction<MemorySegment> call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(ValueLayout.JAVA_LONG);
            check(function, call.applyAsInt(value));
            return value.get(ValueLayout.JAVA_LONG, 0);
        }
    }

    static int getInt(String function, ToIntFunction<MemorySegment> call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(ValueLayout.JAVA_INT);
            check(function, call.applyAsInt(value));
            return value.get(ValueLayout.JAVA_INT, 0);
        }
    }

    /** Calls a function that gives two values, of which the second is not wanted. */
    static int first(MemorySegment value, ToIntBiFunction<MemorySegment, MemorySegment> call) {
        try (Arena arena = Arena.ofConfined()) {
            return call.applyAsInt(value, arena.allocate(ValueLayout.JAVA_LONG));
        }
    }

    static MemorySegment getPointer(String function, ToIntFunction<MemorySegment> call) {
        return MemorySegment.ofAddress(getLong(function, call));
    }

    /** Takes a function that writes a text of at most the given length. */
    static String getText(String function, TextCall call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocate(TEXT);
            check(function, call.call(text, TEXT));
            return text.getString(0);
        }
    }

    /** A function that writes a text. */
    @FunctionalInterface
    interface TextCall {
        int call(MemorySegment text, int length);
    }

    /** Name and text, for instance {@code CUDA_ERROR_OUT_OF_MEMORY (out of memory)}. */
    static String describe(int result) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pointer = arena.allocate(ValueLayout.ADDRESS);
            if (CudaDriver.cuGetErrorName(result, pointer) != CudaDriver.CUDA_SUCCESS()) {
                return "error " + result;
            }
            String name = text(pointer);
            return CudaDriver.cuGetErrorString(result, pointer) == CudaDriver.CUDA_SUCCESS()
                    ? name + " (" + text(pointer) + ")"
                    : name;
        }
    }

    private static String text(MemorySegment pointer) {
        return pointer.get(ValueLayout.ADDRESS, 0).reinterpret(TEXT).getString(0);
    }
}

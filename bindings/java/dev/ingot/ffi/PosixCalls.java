// SPDX-License-Identifier: Apache-2.0
package dev.ingot.ffi;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.ingot.ffi.posix.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * Handles of the generated functions that also save errno, which the virtual machine may overwrite before Java could
 * ask for it. Their first parameter is the segment that receives it.
 */
final class PosixCalls {
    private final Linker linker = Linker.nativeLinker();
    private final StructLayout stateLayout = Linker.Option.captureStateLayout();
    private final VarHandle errno = stateLayout.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    final MethodHandle madvise = handle(Libc.madvise$address(), Libc.madvise$descriptor());
    final MethodHandle mincore = handle(Libc.mincore$address(), Libc.mincore$descriptor());
    final MethodHandle open = openHandle();
    final MethodHandle close = handle(Libc.close$address(), Libc.close$descriptor());
    final MethodHandle fallocate = handle(Libc.fallocate$address(), Libc.fallocate$descriptor());
    final MethodHandle syncFileRange = handle(Libc.sync_file_range$address(), Libc.sync_file_range$descriptor());
    final MethodHandle fadvise = Libc.posix_fadvise$handle();
    final MethodHandle fsync = handle(Libc.fsync$address(), Libc.fsync$descriptor());
    final MethodHandle fdatasync = handle(Libc.fdatasync$address(), Libc.fdatasync$descriptor());
    final MethodHandle pread = handle(Libc.pread$address(), Libc.pread$descriptor());
    final MethodHandle pwrite = handle(Libc.pwrite$address(), Libc.pwrite$descriptor());
    final MethodHandle statfs = handle(Libc.statfs$address(), Libc.statfs$descriptor());

    /** One call of a handle. */
    @FunctionalInterface
    interface Call {
        /**
         * @param state receives errno
         * @return what the C function returned
         */
        long invoke(MemorySegment state) throws Throwable;
    }

    /** Result of a call, or the negated errno if it failed. */
    long once(Call call) {
        try (Arena arena = Arena.ofConfined()) {
            return invoke(call, arena.allocate(stateLayout));
        }
    }

    /** Like {@link #once}, repeated while a signal interrupts it. */
    long repeat(Call call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(stateLayout);
            long result = invoke(call, state);
            while (result == -Libc.EINTR()) {
                result = invoke(call, state);
            }
            return result;
        }
    }

    /** 0 or errno, from a result of {@link #once} or {@link #repeat} of a function that returns 0 on success. */
    static int status(long result) {
        return (int) -result;
    }

    private long invoke(Call call, MemorySegment state) {
        try {
            long result = call.invoke(state);
            return result == -1 ? -(int) errno.get(state, 0L) : result;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a downcall declares no exception", e);
        }
    }

    private MethodHandle handle(MemorySegment address, FunctionDescriptor descriptor) {
        return linker.downcallHandle(address, descriptor, Linker.Option.captureCallState("errno"));
    }

    /** open() is variadic: its mode comes third, and ABIs may pass such arguments in another way. */
    private MethodHandle openHandle() {
        FunctionDescriptor withMode = FunctionDescriptor.of(Libc.C_INT, Libc.C_POINTER, Libc.C_INT, JAVA_INT);
        return linker.downcallHandle(Libc.open.address(), withMode,
                Linker.Option.firstVariadicArg(2), Linker.Option.captureCallState("errno"));
    }
}

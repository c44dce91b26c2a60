// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cuda;

import dev.ingot.ffi.cuda.CudaDriver;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A moment in a stream's work. Confined to one thread at a time. */
public final class CudaEvent implements AutoCloseable {
    private final MemorySegment handle;

    private CudaEvent(MemorySegment handle) {
        this.handle = handle;
    }

    /** An event of the current context that keeps its time; the caller closes it. */
    public static CudaEvent create() {
        return new CudaEvent(DriverCall.getPointer(
                "cuEventCreate", pointer -> CudaDriver.cuEventCreate(pointer, CudaDriver.CU_EVENT_DEFAULT())));
    }

    MemorySegment handle() {
        return handle;
    }

    /** Waits until the stream has come to it. */
    public void synchronize() {
        DriverCall.check("cuEventSynchronize", CudaDriver.cuEventSynchronize(handle));
    }

    /** Milliseconds from an earlier event to this; both must have happened. */
    public float millisecondsSince(CudaEvent earlier) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment time = arena.allocate(ValueLayout.JAVA_FLOAT);
            DriverCall.check(
                    "cuEventElapsedTime_v2", CudaDriver.cuEventElapsedTime_v2(time, earlier.handle, handle));
            return time.get(ValueLayout.JAVA_FLOAT, 0);
        }
    }

    @Override
    public void close() {
        DriverCall.check("cuEventDestroy_v2", CudaDriver.cuEventDestroy_v2(handle));
    }
}

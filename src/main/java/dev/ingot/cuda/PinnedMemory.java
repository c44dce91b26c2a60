// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cuda;

import dev.ingot.ffi.cuda.CudaDriver;
import java.lang.foreign.MemorySegment;

/** Host memory that GPUs copy from and to directly, which is fast and overlaps with all else. */
public final class PinnedMemory implements AutoCloseable {
    private final MemorySegment segment;

    private PinnedMemory(MemorySegment segment) {
        this.segment = segment;
    }

    /** Allocates whole pages; the caller closes it. A context must be current both times. */
    public static PinnedMemory allocate(long bytes) {
        MemorySegment memory = DriverCall.getPointer(
                "cuMemHostAlloc",
                pointer -> CudaDriver.cuMemHostAlloc(pointer, bytes, CudaDriver.CU_MEMHOSTALLOC_PORTABLE()));
        return new PinnedMemory(memory.reinterpret(bytes));
    }

    /** The memory; it must not be touched after {@link #close}. */
    public MemorySegment segment() {
        return segment;
    }

    @Override
    public void close() {
        DriverCall.check("cuMemFreeHost", CudaDriver.cuMemFreeHost(segment));
    }
}

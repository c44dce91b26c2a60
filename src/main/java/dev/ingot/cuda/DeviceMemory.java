// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cuda;

import dev.ingot.ffi.cuda.CudaDriver;
import java.lang.foreign.MemorySegment;

/** A block of a GPU's memory. Users cut it up themselves: asking the driver is slow and waits for the GPU. */
public final class DeviceMemory implements AutoCloseable {
    private final MemorySegment segment;

    private DeviceMemory(MemorySegment segment) {
        this.segment = segment;
    }

    /** Allocates in the current context, at a multiple of 256; the caller closes it with that context current. */
    public static DeviceMemory allocate(long bytes) {
        long address = DriverCall.getLong("cuMemAlloc_v2", pointer -> CudaDriver.cuMemAlloc_v2(pointer, bytes));
        return new DeviceMemory(MemorySegment.ofAddress(address).reinterpret(bytes));
    }

    /** Addresses on the GPU. It can be sliced, and must never be read or written. */
    public MemorySegment segment() {
        return segment;
    }

    @Override
    public void close() {
        DriverCall.check("cuMemFree_v2", CudaDriver.cuMemFree_v2(segment.address()));
    }
}

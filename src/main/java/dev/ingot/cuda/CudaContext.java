// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cuda;

import dev.ingot.ffi.cuda.CudaDriver;
import java.lang.foreign.MemorySegment;

/**
 * A hold on a GPU's primary context, which all of a process share; the last hold's end destroys it. What is created on a GPU
 * needs its context to be current on the calling thread. Thread-safe.
 */
public final class CudaContext implements AutoCloseable {
    private final Gpu gpu;
    private final MemorySegment handle;

    private CudaContext(Gpu gpu, MemorySegment handle) {
        this.gpu = gpu;
        this.handle = handle;
    }

    /** Takes hold of a GPU's context; the caller closes it. Creating one takes some tenths of a second. */
    public static CudaContext of(Gpu gpu) {
        return new CudaContext(gpu, DriverCall.getPointer("cuDevicePrimaryCtxRetain",
                pointer -> CudaDriver.cuDevicePrimaryCtxRetain(pointer, gpu.handle())));
    }

    /** The GPU. */
    public Gpu gpu() {
        return gpu;
    }

    /** Makes it the calling thread's context. */
    public void makeCurrent() {
        DriverCall.check("cuCtxSetCurrent", CudaDriver.cuCtxSetCurrent(handle));
    }

    /** Waits for all work of the current context. */
    public void synchronize() {
        makeCurrent();
        DriverCall.check("cuCtxSynchronize", CudaDriver.cuCtxSynchronize());
    }

    /** Bytes of the GPU's memory that are free. */
    public long freeMemory() {
        makeCurrent();
        return DriverCall.getLong("cuMemGetInfo_v2", free -> DriverCall.first(free, CudaDriver::cuMemGetInfo_v2));
    }

    @Override
    public void close() {
        DriverCall.check("cuDevicePrimaryCtxRelease_v2", CudaDriver.cuDevicePrimaryCtxRelease_v2(gpu.handle()));
    }
}

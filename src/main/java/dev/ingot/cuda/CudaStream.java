// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cuda;

import dev.ingot.ffi.cuda.CudaDriver;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Work of a GPU that is done in order, while the calling thread goes on; what takes part must stay alive until it is done. Its
 * context must be current wherever it is used. Confined to the thread that created it.
 */
public final class CudaStream implements AutoCloseable {
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment parameters = arena.allocate(ValueLayout.ADDRESS);
    private final MemorySegment handle;

    private CudaStream(MemorySegment handle) {
        this.handle = handle;
    }

    /** A stream of the current context; the caller closes it. */
    public static CudaStream create() {
        return new CudaStream(DriverCall.getPointer(
                "cuStreamCreate", pointer -> CudaDriver.cuStreamCreate(pointer, CudaDriver.CU_STREAM_NON_BLOCKING())));
    }

    MemorySegment handle() {
        return handle;
    }

    /** Copies host memory, which should be pinned, to the device memory at {@code to} of the same size. */
    public void copyToDevice(MemorySegment from, MemorySegment to) {
        requireSameSize(from, to);
        DriverCall.check(
                "cuMemcpyHtoDAsync_v2",
                CudaDriver.cuMemcpyHtoDAsync_v2(to.address(), from, from.byteSize(), handle));
    }

    /** Copies device memory to host memory of the same size, which should be pinned. */
    public void copyToHost(MemorySegment from, MemorySegment to) {
        requireSameSize(from, to);
        DriverCall.check(
                "cuMemcpyDtoHAsync_v2", CudaDriver.cuMemcpyDtoHAsync_v2(to, from.address(), to.byteSize(), handle));
    }

    /** Copies device memory to device memory of the same size. */
    public void copyOnDevice(MemorySegment from, MemorySegment to) {
        requireSameSize(from, to);
        DriverCall.check(
                "cuMemcpyDtoDAsync_v2",
                CudaDriver.cuMemcpyDtoDAsync_v2(to.address(), from.address(), to.byteSize(), handle));
    }

    /** Fills device memory with zeros. */
    public void clear(MemorySegment memory) {
        DriverCall.check(
                "cuMemsetD8Async",
                CudaDriver.cuMemsetD8Async(memory.address(), (byte) 0, memory.byteSize(), handle));
    }

    /**
     * Launches a kernel of one parameter.
     *
     * @param columns  blocks in x
     * @param rows     blocks in y
     * @param threads  threads per block
     * @param argument the parameter; it may be changed as soon as this returns
     */
    public void launch(CudaModule.Kernel kernel, int columns, int rows, int threads, MemorySegment argument) {
        parameters.set(ValueLayout.ADDRESS, 0, argument);
        int result = CudaDriver.cuLaunchKernel(
                kernel.handle(), columns, rows, 1, threads, 1, 1, 0, handle, parameters, MemorySegment.NULL);
        if (result != CudaDriver.CUDA_SUCCESS()) {
            DriverCall.check("cuLaunchKernel(" + kernel.name() + ")", result);
        }
    }

    /** Notes the moment when all that was asked for so far is done. */
    public void record(CudaEvent event) {
        DriverCall.check("cuEventRecord", CudaDriver.cuEventRecord(event.handle(), handle));
    }

    /** Does what is asked for from now on after the moment that another stream noted. */
    public void await(CudaEvent event) {
        DriverCall.check("cuStreamWaitEvent", CudaDriver.cuStreamWaitEvent(handle, event.handle(), 0));
    }

    /** Waits until all is done. Failures of kernels and copies come to light here. */
    public void synchronize() {
        DriverCall.check("cuStreamSynchronize", CudaDriver.cuStreamSynchronize(handle));
    }

    @Override
    public void close() {
        arena.close();
        DriverCall.check("cuStreamDestroy_v2", CudaDriver.cuStreamDestroy_v2(handle));
    }

    private static void requireSameSize(MemorySegment from, MemorySegment to) {
        if (from.byteSize() != to.byteSize()) {
            throw new IllegalArgumentException("copy of " + from.byteSize() + " bytes into " + to.byteSize());
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cuda;

import dev.ingot.ffi.cuda.CudaDriver;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Loaded kernels. They run in every context of the process. Thread-safe. */
public final class CudaModule implements AutoCloseable {
    private final MemorySegment handle;

    /**
     * A kernel of a module, usable until the module is closed.
     *
     * @param name   its name
     * @param handle the driver's handle
     */
    public record Kernel(String name, MemorySegment handle) {}

    private CudaModule(MemorySegment handle) {
        this.handle = handle;
    }

    /**
     * Loads a module; the caller closes it. The driver keeps a copy of the image.
     *
     * @param image a fat binary
     */
    public static CudaModule load(byte[] image) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment code = arena.allocate(image.length, Long.BYTES);
            MemorySegment.copy(image, 0, code, ValueLayout.JAVA_BYTE, 0, image.length);
            MemorySegment none = MemorySegment.NULL;
            return new CudaModule(DriverCall.getPointer(
                    "cuLibraryLoadData",
                    pointer -> CudaDriver.cuLibraryLoadData(pointer, code, none, none, 0, none, none, 0)));
        }
    }

    /** The kernel of this name. */
    public Kernel kernel(String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocateFrom(name);
            return new Kernel(name, DriverCall.getPointer(
                    "cuLibraryGetKernel(" + name + ")",
                    pointer -> CudaDriver.cuLibraryGetKernel(pointer, handle, text)));
        }
    }

    @Override
    public void close() {
        DriverCall.check("cuLibraryUnload", CudaDriver.cuLibraryUnload(handle));
    }
}

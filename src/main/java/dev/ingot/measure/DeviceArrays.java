// SPDX-License-Identifier: Apache-2.0
package dev.ingot.measure;

import dev.ingot.cuda.CudaStream;
import dev.ingot.cuda.DeviceMemory;
import dev.ingot.cuda.PinnedMemory;
import java.lang.foreign.MemorySegment;

/** Small arrays on the GPU, each with a twin in pinned memory of the host; filled and copied by their users. */
final class DeviceArrays implements AutoCloseable {
    private static final long ALIGNMENT = 256;

    private final PinnedMemory pinned;
    private final DeviceMemory device;
    private long used;

    /**
     * An array.
     *
     * @param host   the twin on the host
     * @param device the array on the GPU, of the same size; not to be touched
     */
    record Twin(MemorySegment host, MemorySegment device) {
        void upload(CudaStream stream) {
            stream.copyToDevice(host, device);
        }

        void download(CudaStream stream) {
            stream.copyToHost(device, host);
        }

        Twin slice(long offset, long bytes) {
            return new Twin(host.asSlice(offset, bytes), device.asSlice(offset, bytes));
        }
    }

    /** Room for arrays, in the current context. */
    DeviceArrays(long bytes) {
        pinned = PinnedMemory.allocate(bytes);
        device = DeviceMemory.allocate(bytes);
    }

    /** What an array takes of the room. */
    static long bytes(long bytes) {
        return Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;
    }

    Twin take(long bytes) {
        long at = used;
        used += bytes(bytes);
        return new Twin(pinned.segment().asSlice(at, bytes), device.segment().asSlice(at, bytes));
    }

    @Override
    public void close() {
        device.close();
        pinned.close();
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.measure;

import dev.ingot.cuda.CudaContext;
import dev.ingot.cuda.CudaEvent;
import dev.ingot.cuda.CudaModule;
import dev.ingot.cuda.CudaStream;
import dev.ingot.cuda.Gpu;
import dev.ingot.cuda.Owned;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.Map;

/** A GPU with the kernels loaded, and a stream whose work is timed by events. Confined to the thread that opened it. */
final class DeviceQueue implements AutoCloseable {
    private final Owned owned = new Owned();
    private final CudaContext context;
    private final CudaStream stream;
    private final CudaEvent before;
    private final CudaEvent after;
    private final Map<DeviceKernel, CudaModule.Kernel> kernels = new EnumMap<>(DeviceKernel.class);

    /**
     * @param gpu   where to compute
     * @param image the fat binary with the kernels
     */
    DeviceQueue(Gpu gpu, byte[] image) {
        context = owned.add(CudaContext.of(gpu));
        context.makeCurrent();
        CudaModule module = owned.add(CudaModule.load(image));
        for (DeviceKernel kernel : DeviceKernel.values()) {
            kernels.put(kernel, module.kernel(kernel.symbol()));
        }
        stream = owned.add(CudaStream.create());
        before = owned.add(CudaEvent.create());
        after = owned.add(CudaEvent.create());
    }

    CudaContext context() {
        return context;
    }

    CudaStream stream() {
        return stream;
    }

    void launch(DeviceKernel kernel, int columns, int rows, MemorySegment argument) {
        stream.launch(kernels.get(kernel), columns, rows, kernel.threads(), argument);
    }

    /** Seconds from the moment that the stream begins with this work until it has done it. */
    double time(Runnable work) {
        stream.record(before);
        work.run();
        stream.record(after);
        stream.synchronize();
        return after.millisecondsSince(before) / 1e3;
    }

    @Override
    public void close() {
        owned.close();
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import dev.ingot.cuda.CudaContext;
import dev.ingot.cuda.CudaException;
import dev.ingot.cuda.CudaModule;
import dev.ingot.cuda.DevicePool;
import dev.ingot.cuda.Gpu;
import dev.ingot.cuda.Owned;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Supplier;

/** A GPU's context with the kernels loaded, shared by the lanes on it: the first one opens it, the last one closes it. Thread-safe. */
final class CudaSession {
    /** Of a GPU's memory, one part in so many is kept for the next matrices when none uses it. */
    private static final long IDLE_SHARE = 2;

    private final Gpu gpu;
    private final Supplier<byte[]> image;
    private int users;
    private Owned owned = new Owned();
    private CudaContext context;
    private DevicePool memory;
    private volatile Map<CudaFunction, CudaModule.Kernel> kernels = Map.of();

    /** @param image gives the fat binary with the kernels */
    CudaSession(Gpu gpu, Supplier<byte[]> image) {
        this.gpu = gpu;
        this.image = image;
    }

    Gpu gpu() {
        return gpu;
    }

    /** Opens the context unless that has been done, and makes it the calling thread's. */
    synchronized void acquire() {
        if (users == 0) {
            open();
        }
        users++;
        try {
            context.makeCurrent();
        } catch (CudaException e) {
            try {
                release();
            } catch (CudaException another) {
                e.addSuppressed(another);
            }
            throw e;
        }
    }

    private void open() {
        Owned opened = new Owned();
        try {
            context = opened.add(CudaContext.of(gpu));
            context.makeCurrent();
            memory = opened.add(new DevicePool(gpu.memory() / IDLE_SHARE));
            CudaModule module = opened.add(CudaModule.load(image.get()));
            Map<CudaFunction, CudaModule.Kernel> found = new EnumMap<>(CudaFunction.class);
            for (CudaFunction function : CudaFunction.values()) {
                found.put(function, module.kernel(function.symbol()));
            }
            kernels = found;
            owned = opened;
        } catch (RuntimeException | Error e) {
            try {
                opened.close();
            } catch (CudaException another) {
                e.addSuppressed(another);
            }
            throw e;
        }
    }

    /** Ends what {@link #acquire} began. */
    synchronized void release() {
        users--;
        if (users == 0) {
            owned.close();
        }
    }

    /** Makes the context the calling thread's; between {@link #acquire} and {@link #release}. */
    void makeCurrent() {
        context.makeCurrent();
    }

    /** Memory for matrices; between {@link #acquire} and {@link #release}. */
    DevicePool memory() {
        return memory;
    }

    CudaModule.Kernel kernel(CudaFunction function) {
        return kernels.get(function);
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.measure;

import dev.ingot.cuda.CudaException;
import dev.ingot.cuda.CudaPlatform;
import dev.ingot.cuda.Gpu;
import dev.ingot.error.DeviceException;
import dev.ingot.kernel.Backend;
import dev.ingot.kernel.Backends;
import dev.ingot.kernel.CudaBackend;
import java.util.function.LongSupplier;

/** The stand that fits a backend. */
public final class Stands {
    private Stands() {}

    /**
     * Opens a stand; the caller closes it.
     *
     * @param backends what there is
     * @param backend  the one to measure; of several GPUs the first is
     * @param threads  worker threads of backends that compute on the processor
     * @param memory   bytes of the machine's memory that may be taken without swapping; 0 where nobody knows
     */
    public static Stand open(Backends backends, Backend backend, int threads, LongSupplier memory) {
        if (!backend.name().equals(CudaBackend.NAME)) {
            return new HostStand(backend, threads, memory);
        }
        Backend host = backends.all().stream()
                .filter(found -> !found.name().equals(CudaBackend.NAME))
                .flatMap(found -> found.backend().stream())
                .findFirst()
                .orElseThrow();
        Gpu gpu = backends.cuda().chosen().getFirst();
        if (!(backends.cuda().platform() instanceof CudaPlatform.Available platform)) {
            throw new IllegalStateException("a backend without a driver");
        }
        try {
            return new DeviceStand(platform.driver(), gpu, host, threads);
        } catch (CudaException e) {
            throw failure(e);
        }
    }

    /** What a failure of the driver is to users. */
    public static DeviceException failure(CudaException e) {
        return e.isOutOfMemory()
                ? new DeviceException("the GPU has too little memory: " + e.getMessage(),
                        "measure fewer elements (--elements), or end what else uses the GPU", e)
                : new DeviceException("the GPU failed: " + e.getMessage(), "'ingot doctor' tells what was found", e);
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import dev.ingot.cuda.CudaException;
import dev.ingot.cuda.Gpu;
import dev.ingot.error.DeviceException;

/** Says what a failure of CUDA means to the user. */
final class CudaFaults {
    private static final String OTHERWISE = "use --backend cpu, which gives the same result";

    private CudaFaults() {}

    static DeviceException of(Gpu gpu, CudaException e) {
        return new DeviceException("GPU " + gpu.index() + " (" + gpu.name() + "): " + e.getMessage(), hint(e), e);
    }

    private static String hint(CudaException e) {
        if (e.isOutOfMemory()) {
            return "end what else uses the GPU, or take fewer --threads, or " + OTHERWISE;
        }
        if (e.isUnfitImage()) {
            return "this build has no kernels for the GPU: build Ingot with a CUDA toolkit that knows it, or " + OTHERWISE;
        }
        return "see what nvidia-smi and the system's log say of the GPU, or " + OTHERWISE;
    }
}

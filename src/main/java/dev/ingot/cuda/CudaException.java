// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cuda;

import dev.ingot.ffi.cuda.CudaDriver;

/** A call of the CUDA driver failed. After some failures the GPU's context can do nothing more but be closed. */
public final class CudaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int code;

    /**
     * @param function the driver's function that failed
     * @param code     its result
     * @param error    name and text of the error
     */
    CudaException(String function, int code, String error) {
        super(function + " failed: " + error);
        this.code = code;
    }

    /** Whether there was too little memory, on the GPU or for pinned buffers. */
    public boolean isOutOfMemory() {
        return code == CudaDriver.CUDA_ERROR_OUT_OF_MEMORY();
    }

    /** Whether the kernels' module has nothing that this GPU can run. */
    public boolean isUnfitImage() {
        return code == CudaDriver.CUDA_ERROR_NO_BINARY_FOR_GPU()
                || code == CudaDriver.CUDA_ERROR_INVALID_IMAGE()
                || code == CudaDriver.CUDA_ERROR_UNSUPPORTED_PTX_VERSION();
    }

    /** The driver's number of the error. */
    public int code() {
        return code;
    }
}

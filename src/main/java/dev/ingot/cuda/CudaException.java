// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cuda;

import dev.ingot.ffi.cuda.CudaDriver;

/** A call of the CUDA driver, of cuBLAS or cuSOLVER failed. After some failures the GPU's context can do nothing more but be closed. */
public final class CudaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int code;
    private final boolean outOfMemory;

    /**
     * @param function the driver's function that failed
     * @param code     its result
     * @param error    name and text of the error
     */
    CudaException(String function, int code, String error) {
        this(function, code, error, code == CudaDriver.CUDA_ERROR_OUT_OF_MEMORY());
    }

    /**
     * @param function    the function that failed, of the driver or of a library
     * @param code        its result
     * @param error       name and text of the error
     * @param outOfMemory whether the result says so
     */
    CudaException(String function, int code, String error, boolean outOfMemory) {
        super(function + " failed: " + error);
        this.code = code;
        this.outOfMemory = outOfMemory;
    }

    /** Whether there was too little memory, on the GPU or for pinned buffers. */
    public boolean isOutOfMemory() {
        return outOfMemory;
    }

    /** Whether the kernels' module has nothing that this GPU can run. */
    public boolean isUnfitImage() {
        return code == CudaDriver.CUDA_ERROR_NO_BINARY_FOR_GPU()
                || code == CudaDriver.CUDA_ERROR_INVALID_IMAGE()
                || code == CudaDriver.CUDA_ERROR_UNSUPPORTED_PTX_VERSION();
    }

    /** The driver's, or the library's, number of the error. */
    public int code() {
        return code;
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import dev.ingot.cuda.CudaPlatform;
import dev.ingot.cuda.Gpu;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What was found of CUDA, and what is made of it.
 *
 * @param platform driver and GPUs
 * @param kernels  whether this build has kernels for GPUs
 * @param chosen   the GPUs to compute on
 * @param matrices which operations on whole matrices they are to do
 * @param off      one line, if nothing can be computed: why, and what to do
 */
public record CudaDetection(CudaPlatform platform, boolean kernels, List<Gpu> chosen, MatrixUse matrices, Optional<String> off) {
    /** Environment variable with the numbers of the GPUs to use, separated by commas, or {@value #NONE}. Unset: all. */
    public static final String DEVICES_VARIABLE = "INGOT_CUDA_DEVICES";

    /** Value of {@value #DEVICES_VARIABLE} that switches CUDA off. */
    public static final String NONE = "none";

    /** The resource with the kernels; absent from builds without nvcc. */
    public static final String IMAGE = "/dev/ingot/cuda/ingot.fatbin";

    /** The least compute capability that the kernels are compiled for. */
    private static final int[] LEAST_CAPABILITY = {7, 5};

    /**
     * Looks for GPUs. Never fails.
     *
     * @param devices  value of {@value #DEVICES_VARIABLE}, empty for all GPUs
     * @param matrices value of {@value MatrixUse#VARIABLE}, or empty
     */
    static CudaDetection of(String devices, String matrices) {
        return of(CudaPlatform.find(), CudaDetection.class.getResource(IMAGE) != null, devices, matrices);
    }

    static CudaDetection of(CudaPlatform platform, boolean kernels, String devices, String matrices) {
        return switch (platform) {
            case CudaPlatform.Unavailable(String reason) -> off(platform, kernels, reason);
            case CudaPlatform.Available found -> choose(found, kernels, devices, matrices);
        };
    }

    private static CudaDetection choose(
            CudaPlatform.Available found, boolean kernels, String devices, String matrices) {
        Optional<MatrixUse> use = MatrixUse.of(matrices);
        if (devices.equals(NONE)) {
            return off(found, kernels, "switched off by " + DEVICES_VARIABLE + "=" + NONE);
        }
        if (!kernels) {
            return off(found, false, "this build of Ingot has no kernels for GPUs: build it where nvcc is on the PATH");
        }
        if (use.isEmpty()) {
            return off(found, true, MatrixUse.VARIABLE + " is " + matrices + ": set it to one of " + MatrixUse.names()
                    + ", or unset it");
        }
        List<Gpu> chosen = new ArrayList<>();
        for (String part : devices.isEmpty() ? new String[0] : devices.split(",")) {
            Optional<Gpu> gpu = found.gpus().stream()
                    .filter(one -> Integer.toString(one.index()).equals(part.strip()))
                    .findFirst();
            if (gpu.isEmpty()) {
                return off(found, true, DEVICES_VARIABLE + " is " + devices + ", and the GPUs are numbered 0 to "
                        + (found.gpus().size() - 1) + ": set it to some of them, or unset it");
            }
            chosen.add(gpu.get());
        }
        List<Gpu> fit = (devices.isEmpty() ? found.gpus() : chosen).stream().filter(CudaDetection::fits).toList();
        return fit.isEmpty()
                ? off(found, true, "no GPU has the compute capability that the kernels need, "
                        + LEAST_CAPABILITY[0] + "." + LEAST_CAPABILITY[1] + ": use --backend cpu")
                : new CudaDetection(found, true, fit, use.get(), Optional.empty());
    }

    private static CudaDetection off(CudaPlatform platform, boolean kernels, String reason) {
        return new CudaDetection(platform, kernels, List.of(), MatrixUse.NONE, Optional.of(reason));
    }

    /** Whether the kernels are compiled for this GPU. */
    public static boolean fits(Gpu gpu) {
        return gpu.isAtLeast(LEAST_CAPABILITY[0], LEAST_CAPABILITY[1]);
    }

    Backends.Availability availability(Backend host) {
        if (off.isPresent()) {
            return new Backends.Availability(CudaBackend.NAME, Optional.empty(), off.get());
        }
        Backend backend = new CudaBackend(chosen, CudaDetection::image, host, matrices);
        return new Backends.Availability(CudaBackend.NAME, Optional.of(backend), backend.description());
    }

    /** The fat binary with the kernels, where {@link #kernels} says that there is one. */
    public static byte[] image() {
        try (InputStream in = CudaDetection.class.getResourceAsStream(IMAGE)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("resource " + IMAGE + " cannot be read", e);
        }
    }
}

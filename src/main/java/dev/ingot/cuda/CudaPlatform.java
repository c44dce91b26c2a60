// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cuda;

import dev.ingot.ffi.CudaLibrary;
import dev.ingot.ffi.SharedLibrary;
import dev.ingot.ffi.cuda.CudaDriver;
import java.util.List;
import java.util.stream.IntStream;

/** What there is of CUDA on this machine. */
public sealed interface CudaPlatform {
    /** The driver can be used, and shows at least one GPU. */
    record Available(Driver driver, List<Gpu> gpus) implements CudaPlatform {
        /** Copies the list. */
        public Available {
            gpus = List.copyOf(gpus);
        }
    }

    /**
     * There is nothing to compute on.
     *
     * @param reason one line: what is missing, and what to do
     */
    record Unavailable(String reason) implements CudaPlatform {}

    /**
     * A driver.
     *
     * @param library the library that was opened, a name or a path
     * @param version the CUDA version that it implements, 1000 times the major plus 10 times the minor number
     */
    record Driver(String library, int version) {
        /** For instance {@code CUDA 13.0}. */
        public String cuda() {
            return "CUDA " + version / 1000 + "." + version % 1000 / 10;
        }
    }

    /** The CUDA version that the bindings and kernels are made for; older drivers lack functions and refuse the kernels. */
    int LEAST_VERSION = 13000;

    /**
     * Asks the driver. Takes some tenths of a second the first time where there is one. Never throws because there is no
     * driver or no GPU.
     */
    static CudaPlatform find() {
        return switch (CudaLibrary.open()) {
            case SharedLibrary.Unavailable(String reason) -> new Unavailable("no CUDA driver: " + reason
                    + "; install NVIDIA's driver, or name its library in " + CudaLibrary.VARIABLE);
            case SharedLibrary.Loaded loaded -> ask(loaded.name());
        };
    }

    private static CudaPlatform ask(String library) {
        try {
            int result = CudaDriver.cuInit(0);
            if (result != CudaDriver.CUDA_SUCCESS()) {
                return new Unavailable(library + ": " + DriverCall.describe(result) + advice(result));
            }
            Driver driver = new Driver(
                    library, DriverCall.getInt("cuDriverGetVersion", CudaDriver::cuDriverGetVersion));
            if (driver.version() < LEAST_VERSION) {
                return new Unavailable("needs driver 580 (CUDA 13.0) or newer, found " + driver.cuda()
                        + "; update NVIDIA's driver");
            }
            int count = DriverCall.getInt("cuDeviceGetCount", CudaDriver::cuDeviceGetCount);
            if (count == 0) {
                return new Unavailable("the driver (" + driver.cuda() + ") shows no GPU; see CUDA_VISIBLE_DEVICES");
            }
            return new Available(driver, IntStream.range(0, count).mapToObj(Gpu::at).toList());
        } catch (CudaException e) {
            return new Unavailable(library + ": " + e.getMessage());
        } catch (LinkageError e) {
            // The first call of a missing function says its name, later ones only that its class is broken.
            return new Unavailable(library + " is no CUDA driver: " + e.getMessage());
        }
    }

    private static String advice(int result) {
        if (result == CudaDriver.CUDA_ERROR_NO_DEVICE()) {
            return "; is there a GPU, and does CUDA_VISIBLE_DEVICES show it?";
        }
        if (result == CudaDriver.CUDA_ERROR_SYSTEM_DRIVER_MISMATCH()) {
            return "; library and kernel module are of different drivers: restart the machine";
        }
        return result == CudaDriver.CUDA_ERROR_STUB_LIBRARY()
                ? "; this is the toolkit's stub, let the linker find the driver's library first"
                : "; nvidia-smi may tell more";
    }
}

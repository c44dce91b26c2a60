// SPDX-License-Identifier: Apache-2.0
package dev.ingot.ffi;

import java.lang.foreign.SymbolLookup;
import java.util.List;

/**
 * The CUDA driver's library, which {@link dev.ingot.ffi.cuda.CudaDriver} calls. It is opened when it is first asked for, once
 * per process. Thread-safe.
 */
public final class CudaLibrary {
    /** Environment variable with the path of a driver library to open instead of the installed one. */
    public static final String VARIABLE = "INGOT_CUDA_DRIVER";

    private static final SharedLibrary LIBRARY =
            SharedLibrary.open(VARIABLE, List.of("libcuda.so.1"), System.getenv()::get);

    private CudaLibrary() {
    }

    /** The library, or why there is none. */
    public static SharedLibrary open() {
        return LIBRARY;
    }

    /** Where the generated classes look functions up. */
    public static SymbolLookup symbols() {
        return LIBRARY.symbols();
    }
}

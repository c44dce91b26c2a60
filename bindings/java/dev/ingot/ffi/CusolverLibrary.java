// SPDX-License-Identifier: Apache-2.0
package dev.ingot.ffi;

import java.lang.foreign.SymbolLookup;

/**
 * cuSOLVER of CUDA 13 or 12, which {@link dev.ingot.ffi.cusolver.Cusolver} calls. It is opened when it is first asked for,
 * once per process, and not before one of its functions is called: reading a constant opens nothing. Thread-safe.
 */
public final class CusolverLibrary {
    /** Environment variable with the path of a file to open instead of an installed one. */
    public static final String VARIABLE = "INGOT_CUSOLVER";

    /** What to do where the library is missing: one line. */
    public static final String HINT = "install cuSOLVER of CUDA 13 or 12 with the cuBLAS, cuSPARSE and nvJitLink that it needs"
            + " where the dynamic linker looks, or set " + VARIABLE + " to its file";

    private static final class Holder {
        private static final SharedLibrary LIBRARY = openAfterCublas();
    }

    private CusolverLibrary() {
    }

    /** The library, or why there is none. */
    public static SharedLibrary open() {
        return Holder.LIBRARY;
    }

    /** Where the generated classes look functions up. */
    public static SymbolLookup symbols() {
        return name -> open().symbols().find(name);
    }

    /** It needs cuBLAS, which the dynamic linker takes by its name from what is open already, wherever that came from. */
    private static SharedLibrary openAfterCublas() {
        CublasLibrary.open();
        // CUDA 13 brings version 12 of this library, CUDA 12 version 11.
        return SharedLibrary.open(VARIABLE, CudaToolkit.names("libcusolver.so", 12, 11), System.getenv()::get);
    }
}

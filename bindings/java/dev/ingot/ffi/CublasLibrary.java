// SPDX-License-Identifier: Apache-2.0
package dev.ingot.ffi;

import java.lang.foreign.SymbolLookup;

/**
 * cuBLAS of CUDA 13 or 12, which {@link dev.ingot.ffi.cublas.Cublas} calls. It is opened when it is first asked for, once
 * per process, and not before one of its functions is called: reading a constant opens nothing. Thread-safe.
 */
public final class CublasLibrary {
    /** Environment variable with the path of a file to open instead of an installed one. */
    public static final String VARIABLE = "INGOT_CUBLAS";

    /** What to do where the library is missing: one line. */
    public static final String HINT =
            "install cuBLAS of CUDA 13 or 12 where the dynamic linker looks, or set " + VARIABLE + " to its file";

    private static final class Holder {
        private static final SharedLibrary LIBRARY = SharedLibrary.open(
                VARIABLE, CudaToolkit.names("libcublas.so", 13, 12), System.getenv()::get);
    }

    private CublasLibrary() {
    }

    /** The library, or why there is none. */
    public static SharedLibrary open() {
        return Holder.LIBRARY;
    }

    /** Where the generated classes look functions up. */
    public static SymbolLookup symbols() {
        return name -> open().symbols().find(name);
    }
}

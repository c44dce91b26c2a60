// SPDX-License-Identifier: Apache-2.0
package dev.ingot.ffi;

import java.lang.foreign.SymbolLookup;

/**
 * OpenBLAS with LAPACKE, which {@link dev.ingot.ffi.openblas.OpenBlas} calls. It is opened when it is first asked for, once
 * per process, and not before one of its functions is called: reading a constant opens nothing. Thread-safe.
 *
 * <p>Every call of it runs in the calling thread alone, because Ingot spreads its work over matrices: it is set to one
 * thread as soon as it is open. Its functions may be called from several threads at once.
 */
public final class OpenBlasLibrary {
    /** Environment variable with the path of a file to open instead of the bundled or installed one. */
    public static final String VARIABLE = "INGOT_OPENBLAS";

    /** What to do where the library is missing: one line. */
    public static final String HINT = "put the jar org.bytedeco:openblas of this platform on the class path, install OpenBLAS"
            + " with LAPACKE, or set " + VARIABLE + " to the library's file";

    private static final class Holder {
        private static final SharedLibrary LIBRARY = new OpenBlasLoader(
                System.getenv()::get,
                NativePlatform.current(),
                OpenBlasLibrary.class.getClassLoader()::getResource,
                LibraryCache.standard(System.getenv()::get)).open();
    }

    private OpenBlasLibrary() {
    }

    /**
     * The library, or why there is none: the file that {@code INGOT_OPENBLAS} names, else a copy of the one in the jar
     * {@code org.bytedeco:openblas} on the class path, else the system's own. One that lacks LAPACKE or counts in 64-bit
     * integers is not taken.
     */
    public static SharedLibrary open() {
        return Holder.LIBRARY;
    }

    /** Where the generated classes look functions up. */
    public static SymbolLookup symbols() {
        return name -> open().symbols().find(name);
    }
}

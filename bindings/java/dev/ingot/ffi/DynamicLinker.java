// SPDX-License-Identifier: Apache-2.0
package dev.ingot.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;

/** Opens libraries by path and tells in the dynamic linker's own words why one cannot be opened. */
final class DynamicLinker {
    private DynamicLinker() {
    }

    /**
     * Opens a library for the life of the process.
     *
     * @param file absolute
     */
    static SharedLibrary open(Path file) {
        try {
            return new SharedLibrary.Loaded(file.toString(), SymbolLookup.libraryLookup(file, Arena.global()));
        } catch (IllegalArgumentException e) {
            return new SharedLibrary.Unavailable(file + " cannot be loaded: " + words(file, e));
        }
    }

    /** The lookup drops them, loading does not. */
    private static String words(Path file, IllegalArgumentException first) {
        try {
            System.load(file.toString());
            return first.getMessage();
        } catch (UnsatisfiedLinkError e) {
            return e.getMessage();
        }
    }
}

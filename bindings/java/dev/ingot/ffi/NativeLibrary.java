// SPDX-License-Identifier: Apache-2.0
package dev.ingot.ffi;

import java.nio.file.Path;
import java.util.List;

/** What became of loading Ingot's own library of CPU kernels: it is loaded, or there is a reason why not. */
public sealed interface NativeLibrary {
    /** Environment variable that names the folder of the library; when set, no other place is looked at. */
    String DIRECTORY_VARIABLE = "INGOT_NATIVE_DIR";

    /**
     * The library is loaded, and {@link dev.ingot.ffi.nativelib.IngotNative} finds its functions.
     *
     * @param path the file, absolute
     */
    record Loaded(Path path) implements NativeLibrary {
    }

    /**
     * The library cannot be used here.
     *
     * @param reason one line: what is missing or wrong, and where
     */
    record Unavailable(String reason) implements NativeLibrary {
    }

    /** Where the bundled library is copied to; the first folder that can be used is. */
    static List<Path> cacheFolders() {
        return LibraryCache.standard(System.getenv()::get).roots();
    }

    /**
     * Finds, checks and loads the library: from the folder that {@code INGOT_NATIVE_DIR} names, else from the resource
     * {@code /dev/ingot/native/<os>-<arch>/}, which is first copied to a private cache folder named by the SHA-256 of
     * its content. A library whose ABI version differs from that of the bindings is refused before it is loaded.
     * Calling again is cheap in effect, not in time (the content is hashed again): callers keep the outcome.
     * Safe to call from any thread. Never throws because the library is absent or unusable.
     */
    static NativeLibrary open() {
        return new NativeLibraryLoader(
                System.getenv()::get,
                NativePlatform.current(),
                NativeLibraryLoader.class::getResourceAsStream,
                LibraryCache.standard(System.getenv()::get)).open();
    }
}

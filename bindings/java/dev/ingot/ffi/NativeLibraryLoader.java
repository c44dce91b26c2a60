// SPDX-License-Identifier: Apache-2.0
package dev.ingot.ffi;

import dev.ingot.ffi.nativelib.IngotNative;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * The steps behind {@link NativeLibrary#open()}.
 *
 * @param environment value of an environment variable, or null
 * @param platform    decides the file's name and the resource's folder
 * @param resources   opens a resource by its absolute name, or gives null
 * @param cache       where the resource is copied to
 */
record NativeLibraryLoader(
        UnaryOperator<String> environment,
        NativePlatform platform,
        Function<String, InputStream> resources,
        LibraryCache cache) {

    /** A step failed in a foreseen way; the message becomes the outcome's reason. */
    private static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        Refused(String reason) {
            super(reason);
        }
    }

    NativeLibrary open() {
        try {
            Optional<String> refusal = NativeAccess.refusal();
            if (refusal.isPresent()) {
                throw new Refused(refusal.get());
            }
            Path library = locate();
            checkVersion(library);
            load(library);
            return new NativeLibrary.Loaded(library);
        } catch (Refused e) {
            return new NativeLibrary.Unavailable(e.getMessage());
        }
    }

    private Path locate() throws Refused {
        String file = platform.libraryFile("ingot");
        String directory = environment.apply(NativeLibrary.DIRECTORY_VARIABLE);
        if (directory != null && !directory.isEmpty()) {
            return inDirectory(directory, file);
        }
        String name = "/dev/ingot/native/" + platform + "/" + file;
        byte[] content;
        try (InputStream in = resources.apply(name)) {
            if (in == null) {
                throw new Refused("this build of Ingot has no native library for " + platform);
            }
            content = in.readAllBytes();
        } catch (IOException e) {
            throw new Refused("resource " + name + " cannot be read: " + e.getMessage());
        }
        try {
            return cache.store(content, file);
        } catch (IOException e) {
            throw new Refused("no folder to copy the native library to: " + e.getMessage());
        }
    }

    private static Path inDirectory(String directory, String file) throws Refused {
        try {
            Path library = Path.of(directory, file).toAbsolutePath();
            if (Files.isRegularFile(library)) {
                return library;
            }
        } catch (InvalidPathException e) {
            throw new Refused(NativeLibrary.DIRECTORY_VARIABLE + " is not a path: " + e.getMessage());
        }
        throw new Refused(NativeLibrary.DIRECTORY_VARIABLE + " is " + directory + ", which has no " + file);
    }

    /**
     * Asks the library for its version through a handle of its own, which is closed again: a refused library must leave
     * no symbols behind in the class loader.
     */
    private static void checkVersion(Path library) throws Refused {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment function = lookup(library, arena).find("ingot_abi_version")
                    .orElseThrow(() -> new Refused(library + " is not Ingot's: it has no ingot_abi_version"));
            // Not the generated descriptor: its class looks the symbol up at once, and it is not loaded yet.
            int version = (int) Linker.nativeLinker()
                    .downcallHandle(function, FunctionDescriptor.of(ValueLayout.JAVA_INT))
                    .invokeExact();
            if (version != IngotNative.INGOT_ABI_VERSION()) {
                throw new Refused(library + " has ABI version " + version + ", needed is "
                        + IngotNative.INGOT_ABI_VERSION());
            }
        } catch (Refused | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a downcall declares no exception", e);
        }
    }

    private static SymbolLookup lookup(Path library, Arena arena) throws Refused {
        try {
            return SymbolLookup.libraryLookup(library, arena);
        } catch (IllegalArgumentException e) {
            // It does not tell the dynamic linker's message; loading fails likewise and does.
            load(library);
            throw new Refused(library + " cannot be opened: " + e.getMessage());
        }
    }

    private static void load(Path library) throws Refused {
        try {
            System.load(library.toString());
        } catch (UnsatisfiedLinkError e) {
            throw new Refused(library + " cannot be loaded: " + e.getMessage());
        }
    }
}

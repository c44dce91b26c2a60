// SPDX-License-Identifier: Apache-2.0
package dev.ingot.ffi;

import dev.ingot.ffi.SharedLibrary.Loaded;
import dev.ingot.ffi.SharedLibrary.Unavailable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.net.URL;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * The steps behind {@link OpenBlasLibrary#open()}.
 *
 * @param environment value of an environment variable, or null
 * @param platform    decides the names of files and of the resource's folder
 * @param resources   finds a resource by its name, or gives null
 * @param cache       where the resources are copied to
 */
record OpenBlasLoader(
        UnaryOperator<String> environment,
        NativePlatform platform,
        Function<String, URL> resources,
        LibraryCache cache) {

    /**
     * File names of one operating system.
     *
     * @param library the library itself
     * @param needed  the compiler's own libraries that it may come with, each before those that need it
     */
    private record Names(String library, List<String> needed) {
    }

    SharedLibrary open() {
        Optional<String> refusal = NativeAccess.refusal();
        if (refusal.isPresent()) {
            return new Unavailable(refusal.get());
        }
        String path = environment.apply(OpenBlasLibrary.VARIABLE);
        if (path != null && !path.isBlank()) {
            openNeighbours(path);
            return checked(SharedLibrary.open(OpenBlasLibrary.VARIABLE, List.of(), environment));
        }
        SharedLibrary bundled = bundled();
        if (!(bundled instanceof Unavailable absent)) {
            return bundled;
        }
        SharedLibrary installed = checked(
                SharedLibrary.open(OpenBlasLibrary.VARIABLE, List.of(names().library()), environment));
        return installed instanceof Unavailable none
                ? new Unavailable(absent.reason() + "; " + none.reason())
                : installed;
    }

    private SharedLibrary bundled() {
        Names names = names();
        List<LibraryCache.Part> parts = new ArrayList<>();
        try {
            for (String name : names.needed()) {
                part(name).ifPresent(parts::add);
            }
            Optional<LibraryCache.Part> library = part(names.library());
            if (library.isEmpty()) {
                return new Unavailable("there is no OpenBLAS for " + platform + " on the class path");
            }
            parts.add(library.get());
        } catch (IOException e) {
            return new Unavailable("the bundled OpenBLAS cannot be read: " + e.getMessage());
        }
        try {
            Path folder = cache.storeAll(parts);
            openNeeded(folder);
            return checked(DynamicLinker.open(folder.resolve(names.library())));
        } catch (IOException e) {
            return new Unavailable("no folder to copy the bundled OpenBLAS to: " + e.getMessage());
        }
    }

    private Optional<LibraryCache.Part> part(String file) throws IOException {
        URL resource = resources.apply("org/bytedeco/openblas/" + bytedeco(platform) + "/" + file);
        return resource == null ? Optional.empty() : Optional.of(ResourcePart.of(file, resource));
    }

    private void openNeighbours(String library) {
        try {
            openNeeded(Path.of(library).toAbsolutePath().getParent());
        } catch (InvalidPathException e) {
            // Opening the library itself says so.
        }
    }

    /**
     * What a library needs is looked for by name, first among what is open already. So nothing depends on search paths,
     * which the bundled Fortran library has none of. A file that is not there is looked for where the system has it.
     */
    private void openNeeded(Path folder) {
        for (String name : names().needed()) {
            // The system's own version of this one serves all of the process: unwinding wants no second.
            if (!name.startsWith("libgcc_s") || !opens(name)) {
                DynamicLinker.open(folder.resolve(name));
            }
        }
    }

    private static boolean opens(String name) {
        try {
            SymbolLookup.libraryLookup(name, Arena.global());
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private Names names() {
        return switch (platform.os()) {
            case "windows" -> new Names("libopenblas.dll", List.of());
            case "macos" -> new Names("libopenblas.0.dylib",
                    List.of("libgcc_s.1.1.dylib", "libquadmath.0.dylib", "libgfortran.5.dylib"));
            default -> new Names("libopenblas.so.0", List.of("libgcc_s.so.1", "libquadmath.so.0", "libgfortran.so.5"));
        };
    }

    /** Folder of a platform in the jars of org.bytedeco. */
    static String bytedeco(NativePlatform platform) {
        String os = platform.os().equals("macos") ? "macosx" : platform.os();
        String processor = platform.arch().equals("aarch64") ? "arm64" : platform.arch();
        return os + "-" + processor;
    }

    /** The same library, set to one thread, or why it is not taken. */
    private static SharedLibrary checked(SharedLibrary library) {
        if (!(library instanceof Loaded loaded)) {
            return library;
        }
        for (String function : List.of("LAPACKE_sgesdd_work", "openblas_get_config", "openblas_set_num_threads")) {
            if (loaded.symbols().find(function).isEmpty()) {
                return new Unavailable(loaded.name() + " has no " + function);
            }
        }
        String config = config(loaded.symbols());
        if (config.contains("USE64BITINT")) {
            return new Unavailable(loaded.name() + " counts in 64-bit integers, the bindings in 32-bit ones");
        }
        useOneThread(loaded.symbols());
        return library;
    }

    // Not through the generated class: its functions are looked up in the outcome that is being made here.
    private static String config(SymbolLookup symbols) {
        try {
            MemorySegment text = (MemorySegment) Linker.nativeLinker()
                    .downcallHandle(symbols.find("openblas_get_config").orElseThrow(),
                            FunctionDescriptor.of(ValueLayout.ADDRESS))
                    .invokeExact();
            return text.reinterpret(Long.MAX_VALUE).getString(0);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a downcall declares no exception", e);
        }
    }

    private static void useOneThread(SymbolLookup symbols) {
        try {
            Linker.nativeLinker()
                    .downcallHandle(symbols.find("openblas_set_num_threads").orElseThrow(),
                            FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT))
                    .invokeExact(1);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a downcall declares no exception", e);
        }
    }
}

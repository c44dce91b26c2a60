// SPDX-License-Identifier: Apache-2.0
package dev.ingot.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What became of opening somebody else's library, which may be installed or not: it is open, or there is a reason why not.
 * Such a library is opened once per process and never closed; a class that stands for it keeps the outcome, and the generated
 * classes look their symbols up in it.
 */
public sealed interface SharedLibrary {
    /**
     * The library is open.
     *
     * @param name    what was opened: a file name that the dynamic linker found, or a path
     * @param symbols finds its functions, for as long as the process lives
     */
    record Loaded(String name, SymbolLookup symbols) implements SharedLibrary {
    }

    /**
     * The library cannot be used here.
     *
     * @param reason one line: what was looked for and why it was not taken
     */
    record Unavailable(String reason) implements SharedLibrary {
    }

    /**
     * Where symbols are looked up. That of a library that is not open finds none, so that the first call of a generated
     * function fails with {@link UnsatisfiedLinkError}; its constants and layouts work all the same.
     */
    default SymbolLookup symbols() {
        return name -> Optional.empty();
    }

    /**
     * Opens the first of some libraries that can be opened. Never throws because there is none.
     *
     * @param variable    environment variable that, when set, holds the path of the only file to try
     * @param names       file names for the dynamic linker, best first, each of them also possible as an absolute path
     * @param environment value of an environment variable, or null
     */
    static SharedLibrary open(String variable, List<String> names, UnaryOperator<String> environment) {
        Optional<String> refusal = NativeAccess.refusal();
        if (refusal.isPresent()) {
            return new Unavailable(refusal.get());
        }
        String path = environment.apply(variable);
        if (path != null && !path.isBlank()) {
            return openFile(variable, path);
        }
        for (String name : names) {
            try {
                return new Loaded(name, SymbolLookup.libraryLookup(name, Arena.global()));
            } catch (IllegalArgumentException e) {
                // Not there, or not for this machine: the next name may be.
            }
        }
        return new Unavailable("the dynamic linker finds no " + String.join(" or ", names));
    }

    private static SharedLibrary openFile(String variable, String path) {
        try {
            Path file = Path.of(path).toAbsolutePath();
            if (!Files.isRegularFile(file)) {
                return new Unavailable(variable + " is " + path + ", which is no file");
            }
            return switch (DynamicLinker.open(file)) {
                case Loaded loaded -> loaded;
                case Unavailable unavailable -> new Unavailable("from " + variable + ": " + unavailable.reason());
            };
        } catch (InvalidPathException e) {
            return new Unavailable(variable + " is not a path: " + e.getMessage());
        }
    }
}

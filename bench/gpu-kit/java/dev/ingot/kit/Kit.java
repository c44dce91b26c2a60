// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where everything is, and what was asked for.
 *
 * @param home  the kit's folder
 * @param work  where logs and outputs go
 * @param data  where checkpoints go
 * @param quick whether only the short form of each step runs
 * @param shim  whether the emulated driver takes the GPU's place
 */
record Kit(Path home, Path work, Path data, boolean quick, boolean shim) {
    private static final String DRIVER = "INGOT_CUDA_DRIVER";

    /** A file of the kit's libraries. */
    Path library(String name) {
        return home.resolve("lib").resolve(name);
    }

    /** The emulated driver. */
    Path emulatedDriver() {
        return library("libingot_cuda_shim.so");
    }

    /** The command line of Ingot. */
    List<String> ingot(String... arguments) {
        return with(List.of(home.resolve("ingot").toString()), arguments);
    }

    /** The command line of a Java program of the kit. */
    List<String> java(String classPath, List<String> options, String... arguments) {
        List<String> line = new ArrayList<>(List.of(home.resolve("runtime/bin/java").toString()));
        line.addAll(options);
        line.addAll(List.of("-cp", classPath));
        return with(line, arguments);
    }

    /** All jars and the tests. */
    String testClassPath() {
        return home.resolve("tests/classes") + ":" + home.resolve("lib") + "/*";
    }

    /** What commands find in their environment besides ours: with a real GPU no library is forced on them. */
    void driver(Map<String, String> environment) {
        if (shim) {
            environment.put(DRIVER, emulatedDriver().toString());
        } else {
            environment.remove(DRIVER);
        }
    }

    /** A program of the search path or of one of the folders. */
    static Optional<Path> program(String name, String... folders) {
        List<String> all = new ArrayList<>(List.of(System.getenv().getOrDefault("PATH", "").split(":")));
        all.addAll(List.of(folders));
        return all.stream().map(folder -> Path.of(folder, name)).filter(Files::isExecutable).findFirst();
    }

    /** The commit that the kit was made from. */
    String commit() {
        try {
            return Files.readString(home.resolve("commit")).strip();
        } catch (IOException e) {
            return "unknown";
        }
    }

    private static List<String> with(List<String> line, String... arguments) {
        List<String> all = new ArrayList<>(line);
        all.addAll(List.of(arguments));
        return all;
    }
}

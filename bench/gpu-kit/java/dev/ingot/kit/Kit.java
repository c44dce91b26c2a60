// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
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
 * @param math  variables that name cuBLAS and cuSOLVER, where only Python knows them
 */
record Kit(Path home, Path work, Path data, boolean quick, boolean shim, Map<String, String> math) {
    private static final String DRIVER = "INGOT_CUDA_DRIVER";
    private static final List<String> MATH = List.of("INGOT_CUBLAS", "INGOT_CUSOLVER");

    /** cuBLAS and cuSOLVER of Python's packages, which the dynamic linker does not find by itself. */
    static Map<String, String> mathLibraries(Path home) throws IOException, InterruptedException {
        Map<String, String> found = new LinkedHashMap<>();
        Optional<Path> python = program("python3");
        if (python.isPresent()) {
            Process process = new ProcessBuilder(
                            python.get().toString(), home.resolve("torch_matrices.py").toString(), "libraries")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines()
                    .map(line -> line.split("=", 2))
                    .filter(pair -> pair.length == 2 && MATH.contains(pair[0]))
                    .forEach(pair -> found.put(pair[0], pair[1]));
            process.waitFor();
        }
        return found;
    }

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
            MATH.forEach(name -> environment.put(name, emulatedDriver().toString()));
        } else {
            environment.remove(DRIVER);
            math.forEach(environment::putIfAbsent);
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

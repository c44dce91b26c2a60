// SPDX-License-Identifier: Apache-2.0
package dev.ingot.ffi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** The C++ compiler of the machine that runs the tests. */
record SystemCompiler(String command) {
    /** Outcome of one run; diagnostics holds everything the compiler said. */
    record Result(int exitCode, String diagnostics) {
    }

    /** The compiler, or the test that asks is reported as skipped with the reason. */
    static SystemCompiler orSkip() {
        return Stream.of(System.getenv("CXX"), "c++", "g++", "clang++")
                .filter(Objects::nonNull)
                .map(SystemCompiler::new)
                .filter(SystemCompiler::runs)
                .findFirst()
                .orElseGet(() -> abort("no C++ compiler: neither $CXX nor c++, g++ or clang++ can be started"));
    }

    /** Builds a shared library from C source. */
    Path library(Path file, String cSource) {
        try {
            Files.createDirectories(file.getParent());
            Path source = Files.writeString(file.resolveSibling("source.cpp"), "extern \"C\" {\n" + cSource + "\n}\n");
            Result result = run(List.of("-shared", "-fPIC", "-o", file.toString(), source.toString()));
            assertThat(result.exitCode()).as(result.diagnostics()).isZero();
            return file;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    Result run(List<String> arguments) {
        List<String> line = new ArrayList<>(List.of(command));
        line.addAll(arguments);
        try {
            Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
            try (InputStream out = process.getInputStream()) {
                String text = new String(out.readAllBytes(), StandardCharsets.UTF_8);
                return new Result(process.waitFor(), text);
            }
        } catch (IOException e) {
            return new Result(-1, e.getMessage());
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private boolean runs() {
        return run(List.of("--version")).exitCode() == 0;
    }
}

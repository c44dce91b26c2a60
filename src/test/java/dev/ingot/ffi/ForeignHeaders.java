// SPDX-License-Identifier: Apache-2.0
package dev.ingot.ffi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/** Folders with other people's C headers, as {@code regenerate.sh} finds them. */
final class ForeignHeaders {
    private ForeignHeaders() {
    }

    /**
     * The folders that {@code INGOT_CUDA_INCLUDE} names, then that of the toolkit of the nvcc on the PATH if there is one.
     * The test that asks is reported as skipped if none of them has the header.
     */
    static List<Path> cudaOrSkip(String header) throws IOException, InterruptedException {
        List<Path> folders = new ArrayList<>();
        for (String folder : Optional.ofNullable(System.getenv("INGOT_CUDA_INCLUDE")).orElse("").split(File.pathSeparator)) {
            if (!folder.isEmpty()) {
                folders.add(Path.of(folder));
            }
        }
        toolkit().ifPresent(folders::add);
        assumeTrue(folders.stream().anyMatch(folder -> Files.isReadable(folder.resolve(header))),
                () -> "there is no " + header + " in " + folders + ": nvcc on the PATH may have it in its toolkit, or"
                        + " INGOT_CUDA_INCLUDE can name the folder");
        return folders;
    }

    private static Optional<Path> toolkit() throws IOException, InterruptedException {
        Process nvcc;
        try {
            nvcc = new ProcessBuilder("nvcc", "--dryrun", "-E", "-x", "cu", "/dev/null")
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            return Optional.empty();
        }
        String answer = new String(nvcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        nvcc.waitFor();
        Optional<Path> headers = answer.lines()
                .filter(line -> line.startsWith("#$ TOP="))
                .map(line -> Path.of(line.substring("#$ TOP=".length()), "include"))
                .findFirst();
        assertThat(headers).as(answer).isPresent();
        return headers;
    }

    /** A copy of the headers in the jar of OpenBLAS on the class path. */
    static Path openBlas(Path folder) throws IOException {
        String name = "org/bytedeco/openblas/" + OpenBlasLoader.bytedeco(NativePlatform.current()) + "/include/";
        URL cblas = ForeignHeaders.class.getClassLoader().getResource(name + "cblas.h");
        assumeTrue(cblas != null, () -> "there is no OpenBLAS for " + NativePlatform.current() + " on the class path");
        try (JarFile jar = ((JarURLConnection) cblas.openConnection()).getJarFile()) {
            for (JarEntry entry : jar.stream().filter(it -> it.getName().startsWith(name) && !it.isDirectory()).toList()) {
                try (InputStream in = jar.getInputStream(entry)) {
                    Files.copy(in, folder.resolve(entry.getName().substring(name.length())));
                }
            }
        }
        return folder;
    }
}

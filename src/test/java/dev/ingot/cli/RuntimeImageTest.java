// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The module and its dependencies can be linked with Java into an image that needs no other Java. */
class RuntimeImageTest {
    /** OpenBLAS lies beside the modules, and must not become one of them. */
    private static final List<String> DEPENDENCIES = List.of("picocli", "snakeyaml-engine", "jackson-core", "openblas");

    @TempDir
    private Path temp;

    @Test
    void linksAndRuns() throws IOException, InterruptedException {
        Optional<ToolProvider> jlink = ToolProvider.findFirst("jlink");
        assumeTrue(jlink.isPresent(), "this Java has no jlink");
        Path image = temp.resolve("image");
        StringWriter said = new StringWriter();
        int status = jlink.get().run(new PrintWriter(said), new PrintWriter(said),
                "--module-path", modulePath(), "--add-modules", "dev.ingot", "--output", image.toString());
        assertThat(status).as(said.toString()).isZero();

        assertThat(run(image, "--list-modules").lines().map(line -> line.split("@")[0])).containsExactlyInAnyOrder(
                "dev.ingot", "info.picocli", "java.base", "jdk.unsupported", "org.snakeyaml.engine",
                "tools.jackson.core");
        String main = "dev.ingot/" + Main.class.getName();
        assertThat(run(image, "--enable-native-access=dev.ingot", "-m", main, "doctor", "--json"))
                .contains("\"schema\":\"ingot.doctor/1\"")
                .doesNotContain("--enable-native-access");
        assertThat(run(image, "-m", main, "methods")).contains("ties");
        assertThat(run(image, "--describe-module", "dev.ingot").lines())
                .filteredOn(line -> line.startsWith("exports"))
                .containsExactlyInAnyOrder("exports dev.ingot", "exports dev.ingot.error");
    }

    private static String modulePath() {
        return Stream.concat(
                        Stream.of("target/classes"),
                        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                                .filter(entry -> DEPENDENCIES.stream()
                                        .anyMatch(name -> Path.of(entry).getFileName().toString().startsWith(name))))
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static String run(Path image, String... args) throws IOException, InterruptedException {
        List<String> line = Stream.concat(Stream.of(image.resolve("bin/java").toString()), Stream.of(args)).toList();
        Path output = Files.createTempFile(image, "output", ".txt");
        Process process = new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(output.toFile()).start();
        assertThat(process.waitFor()).isZero();
        return Files.readString(output, StandardCharsets.UTF_8);
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.fixture.TestFamily;
import example.MergeExample;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example of the Javadoc compiles, does what it says, and is what the Javadoc shows. */
class MergeExampleTest {
    @TempDir
    private Path directory;

    private static String run(Path config, Path output) {
        PrintStream before = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            MergeExample.merge(config, output);
        } finally {
            System.setOut(before);
        }
        return printed.toString(StandardCharsets.UTF_8);
    }

    @Test
    void merges() throws IOException {
        TestFamily.uniform(directory, Dtype.BF16, 2, 30, 20);
        Path config = Files.writeString(
                directory.resolve("merge.yml"), "merge_method: linear\nmodels: [{model: a}, {model: b}]\nparameters: {weight: 1}\n");
        Path output = directory.resolve("out");
        assertThat(run(config, output))
                .startsWith("linear, 1200 parameters, [model.safetensors]\n")
                .contains("100 % model.layers.")
                .contains(output + " in ");
        assertThat(output.resolve("model.safetensors")).exists();
    }

    @Test
    void explainsErrors() throws IOException {
        Path config = Files.writeString(directory.resolve("merge.yml"), "merge_method: linaer\nmodels: [{model: a}]\n");
        assertThat(run(config, directory.resolve("out")))
                .contains("unknown merge method 'linaer'")
                .endsWith("did you mean 'linear'?\n");
    }

    @Test
    void javadocShowsIt() throws IOException {
        Optional<ToolProvider> javadoc = ToolProvider.findFirst("javadoc");
        Assumptions.assumeTrue(javadoc.isPresent(), "this Java has no javadoc tool");
        StringWriter log = new StringWriter();
        PrintWriter writer = new PrintWriter(log);
        int status = javadoc.get().run(
                writer, writer,
                "-quiet", "-notimestamp", "--release", "22", "-Xdoclint:all,-missing",
                "-d", directory.resolve("api").toString(),
                "--snippet-path", "src/test/java",
                "--module-path", libraries(),
                "-sourcepath", "src/main/java" + File.pathSeparator + "bindings/java",
                "dev.ingot", "dev.ingot.error");
        assertThat(status).as(log.toString()).isZero();
        String page = Files.readString(directory.resolve("api/dev.ingot/dev/ingot/package-summary.html"));
        assertThat(page).contains("Ingot ingot = Ingot.create();").doesNotContain("@start");
        long lines = page.substring(page.indexOf("Ingot ingot"), page.indexOf("System.out.println(e.getMessage()")).lines().count();
        assertThat(lines).as("lines of the example").isLessThanOrEqualTo(15);
    }

    /** The jar files of the class path. */
    private static String libraries() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> entry.endsWith(".jar"))
                .collect(Collectors.joining(File.pathSeparator));
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ingot.checkpoint.Checkpoint;
import dev.ingot.checkpoint.Dtype;
import dev.ingot.fixture.Merges;
import dev.ingot.fixture.TestFamily;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tool as a process of its own. */
class ProcessTest {
    private static final int LAYERS = 40;

    @TempDir
    private Path temp;

    @Test
    void sigtermStopsAMergeThatTheSameCommandContinues() throws IOException, InterruptedException {
        TestFamily.uniform(temp, Dtype.BF16, LAYERS, 300, 400);
        Path config = temp.resolve("merge.yml");
        Files.writeString(config, Merges.yaml("ties", "{density: 0.5}", "a {weight: 1}", "b {weight: 1}"));
        String out = temp.resolve("out").toString();
        String[] line = {"merge", config.toString(), out, "--backend=reference", "--threads=1", "--progress=json"};

        Process merge = start(line);
        List<String> err = new ArrayList<>();
        try (BufferedReader lines = merge.errorReader()) {
            String text = lines.readLine();
            while (text != null) {
                err.add(text);
                if (text.matches(".*\"tensor\":\"m.*") && merge.isAlive()) {
                    // SIGTERM; SIGINT takes the same way in Java, but is ignored in background jobs of shells.
                    merge.toHandle().destroy();
                }
                text = lines.readLine();
            }
        }
        assertThat(merge.waitFor()).as(err.toString()).isEqualTo(130);
        assertThat(err.subList(err.size() - 2, err.size())).satisfiesExactly(
                error -> assertThat(error).matches("error: .*/out: the merge was stopped after \\d+ of " + LAYERS + " tensors"),
                hint -> assertThat(hint).isEqualTo("hint: run the same command again to continue"));
        assertThat(merge.inputReader().readLine()).isNull();

        line[line.length - 1] = "--progress=none";
        Process again = start(line);
        assertThat(again.errorReader().readLine()).matches("merged in .*, continued after \\d+ tensors of an earlier run");
        assertThat(again.inputReader().readLine()).isEqualTo(out);
        assertThat(again.waitFor()).isZero();
        assertThat(Checkpoint.open(temp.resolve("out")).tensors()).hasSize(LAYERS);
    }

    @Test
    void exitCodesReachTheShell() throws IOException, InterruptedException {
        assertThat(start("--version").waitFor()).isZero();
        assertThat(start("mrge").waitFor()).isEqualTo(2);
        assertThat(start("plan", "none.yml").waitFor()).isEqualTo(3);
        assertThat(start("inspect", "none").waitFor()).isEqualTo(4);
    }

    private static Process start(String... args) throws IOException {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp", System.getProperty("java.class.path"),
                Main.class.getName()));
        line.addAll(List.of(args));
        Process process = new ProcessBuilder(line).start();
        process.onExit().orTimeout(2, TimeUnit.MINUTES).exceptionally(e -> process.destroyForcibly());
        return process;
    }
}

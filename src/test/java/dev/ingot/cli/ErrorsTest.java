// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.fixture.Merges;
import dev.ingot.fixture.TestFamily;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Exit codes and the two lines of every error. */
class ErrorsTest {
    @TempDir
    private Path temp;

    private static CliRig.Outcome run(Object... args) {
        return new CliRig().run(args);
    }

    private Path config(String text) throws IOException {
        return Files.writeString(temp.resolve("merge.yml"), text);
    }

    @Test
    void usage() {
        run().refused(2, "no command", "ingot merge CONFIG OUT");
        run("mrge").refused(2, "no command 'mrge'", "did you mean 'merge'?");
        run("help", "mrge").refused(2, "no command 'mrge'", "did you mean 'merge'?");
        run("methods", "--jsn").refused(2, "'--jsn'", "did you mean '--json'?");
        run("merge", "c.yml").refused(2, "'OUT'", "ingot merge --help");
        run("merge", "c.yml", "o", "x").refused(2, "'x'", "ingot merge --help");
        run("merge", "c.yml", "o", "--threads", "many").refused(2, "'many'", "ingot merge --help");
        run("merge", "c.yml", "o", "--memory").refused(2, "--memory", "ingot merge --help");
        run("methods", "tis").refused(2, "'tis'", "did you mean 'ties'?");
        run("demo").refused(2, "examples/vision-experts", "./ingot");
    }

    @Test
    void configuration() throws IOException {
        run("merge", temp.resolve("none.yml"), temp.resolve("out")).refused(3, "none.yml", "");
        run("plan", config("merge_method: tis\nmodels: [{model: a}]\n")).refused(3, "merge.yml:1:1", "'ties'");
        run("plan", config("merge_method: [\n")).refused(3, "merge.yml:", "YAML");
    }

    @Test
    void checkpoint() throws IOException {
        run("inspect", temp.resolve("none")).refused(4, "none", "");
        Files.write(temp.resolve("bad.safetensors"), new byte[] {1, 2, 3});
        run("inspect", temp.resolve("bad.safetensors")).refused(4, "header too small", "");
        run("plan", config(Merges.yaml("ties", "{}", "a {weight: 1}", "b {weight: 1}"))).refused(4, "model a", "hf download");
    }

    @Test
    void resources() throws IOException {
        TestFamily.uniform(temp, Dtype.F32, 1, 10, 10);
        Path config = config(Merges.yaml("ties", "{}", "a {weight: 1}", "b {weight: 1}"));
        run("merge", config, Path.of("/proc/none/out")).refused(5, "/proc", "");
        assertThat(run("merge", config, temp.resolve("out"), "--memory", "1MiB").code()).isEqualTo(5);
    }

    @Test
    void device() throws IOException {
        TestFamily.uniform(temp, Dtype.F32, 1, 10, 10);
        Path config = config(Merges.yaml("ties", "{}", "a {weight: 1}", "b {weight: 1}"));
        run("plan", config, "--isa", "abacus").refused(6, "cpu", "");
        new CliRig().with("INGOT_ISA", "abacus").run("plan", config).refused(6, "cpu", "");
        run("plan", config, "--backend", "abacus").refused(2, "abacus", "cpu");
    }

    @Test
    void stackTraceOnlyWhenAskedFor() {
        assertThat(run("inspect", "none").err()).doesNotContain("\tat ");
        assertThat(run("inspect", "none", "--stacktrace").err()).startsWith("error: ").contains("hint: ", "\tat dev.ingot.");
        assertThat(run("--stacktrace", "inspect", "none").err()).contains("\tat dev.ingot.");
        assertThat(run("merge", "--stacktrace").err()).contains("\tat ");
    }

    @Test
    void defectsAreReportedAsSuch() {
        StringWriter err = new StringWriter();
        Errors errors = new Errors(new PrintWriter(err));
        assertThat(errors.report(new IllegalStateException("a\nb"), false)).isEqualTo(1);
        assertThat(err.toString()).isEqualTo("""
                error: internal error: java.lang.IllegalStateException: a b
                hint: run it again with --stacktrace and report what it prints
                """);
        assertThat(errors.report(new OutOfMemoryError(), false)).isEqualTo(5);
        assertThat(err.toString()).contains("INGOT_JAVA_OPTIONS=-Xmx");
    }

    @Test
    void namesCannotDriveTheTerminal() {
        assertThat(run("inspect", "a\u001b[2Jb").err()).doesNotContain("\u001b");
    }

    @Test
    void fullScreensOfHelp() {
        for (String command : new String[] {"merge", "plan", "inspect", "methods", "demo", "quality", "doctor", "completion", "version"}) {
            CliRig.Outcome help = run("help", command);
            assertThat(help.code()).isZero();
            assertThat(help.err()).isEmpty();
            assertThat(help.out()).contains("ingot " + command).isEqualTo(run(command, "--help").out());
        }
        assertThat(run("--help").out()).contains("Exit codes", "130", "INGOT_ISA", "completion").isEqualTo(run("help").out());
    }
}

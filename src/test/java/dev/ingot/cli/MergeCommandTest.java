// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ingot.checkpoint.Checkpoint;
import dev.ingot.checkpoint.Dtype;
import dev.ingot.fixture.Merges;
import dev.ingot.fixture.TestFamily;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

class MergeCommandTest {
    @TempDir
    private Path temp;

    private Path config;
    private Path out;

    @BeforeEach
    void family() throws IOException {
        TestFamily.uniform(temp, Dtype.BF16, 3, 40, 50);
        config = temp.resolve("merge.yml");
        out = temp.resolve("out");
        Files.writeString(config, Merges.yaml("dare_ties", "{density: 0.5}", "a {weight: 1}", "b {weight: 1}"));
    }

    private CliRig.Outcome merge(Object... more) {
        return merge(new CliRig(), more);
    }

    private CliRig.Outcome merge(CliRig rig, Object... more) {
        Object[] line = new Object[more.length + 3];
        line[0] = "merge";
        line[1] = config;
        line[2] = out;
        System.arraycopy(more, 0, line, 3, more.length);
        return rig.run(line);
    }

    @Test
    void answersWithTheOutputDirectory() {
        CliRig.Outcome outcome = merge();
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(outcome.out()).isEqualTo(out + "\n");
        assertThat(Checkpoint.open(out).tensors()).hasSize(3);
        assertThat(outcome.err().lines().toList().getLast())
                .matches("merged in \\d+\\.\\d\\d s: read .* wrote .*/s, peak memory .*, backend (cpu|reference) \\(.*\\), seed 0");
    }

    @Test
    void answersWithTheReport() {
        Map<String, Object> report = merge("--json", "--random-seed", 7, "--backend", "reference", "-j", 1)
                .json("ingot.report/1");
        assertThat(report).containsEntry("seed", 7L).containsEntry("threads", 1L).containsEntry("method", "dare_ties");
        assertThat((String) report.get("backend")).startsWith("reference");
    }

    @Test
    void drawsMasksAsToldAndSaysSo() throws IOException {
        Map<String, Object> report = merge("--json", "--random-seed", 7, "--rng", "mergekit").json("ingot.report/1");
        assertThat(report).containsEntry("rng", "mergekit");
        assertThat(out.resolve("README.md")).content().contains("--random-seed 7 --rng mergekit\n");
        assertThat(merge("--dry-run", "--overwrite", "--rng=mergekit").out()).contains("seed     0, rng mergekit\n");
        assertThat(merge("--dry-run", "--overwrite", "--json").json("ingot.plan/1")).containsEntry("rng", "philox");
        merge("--rng", "numpy").refused(2, "'numpy'", "philox or mergekit");
        merge("--overwrite", "--rng", "mergekit", "--random-seed", -1).refused(2, "-1", "--random-seed");
    }

    @Test
    void quietTellsNothing() {
        CliRig.Outcome outcome = merge("--quiet");
        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.out()).isEqualTo(out + "\n");
    }

    @Test
    void verboseShowsThePlanFirst() {
        assertThat(merge("-v", "--progress", "none").err()).startsWith("method ").contains("backend ", "merged in ");
    }

    @Test
    void dryRunWritesNothing() {
        CliRig.Outcome outcome = merge("--dry-run");
        assertThat(outcome.code()).isZero();
        assertThat(outcome.out()).contains("method", "dare_ties", "backend", "seed");
        assertThat(outcome.err()).isEmpty();
        assertThat(out).doesNotExist();
        assertThat(merge("--dry-run", "--json").json("ingot.plan/1")).containsKeys("tensors", "backend", "peakMemory");
    }

    @Test
    void planIsTheDryRun() {
        CliRig.Outcome plan = new CliRig().run("plan", config, out);
        assertThat(plan.out()).isEqualTo(merge("--dry-run").out());
        assertThat(new CliRig().run("plan", config).out()).contains("output   merged");
    }

    @Test
    void replacesAModelOnlyWhenTold() {
        assertThat(merge("--quiet").code()).isZero();
        merge("--quiet").refused(2, out.toString(), "--overwrite");
        assertThat(merge("--quiet", "--overwrite").code()).isZero();
    }

    @Test
    void leavesTheModelCardOutWhenTold() {
        assertThat(merge("--no-write-model-card").code()).isZero();
        assertThat(out.resolve("README.md")).doesNotExist();
        assertThat(merge("--write-model-card", "--overwrite").code()).isZero();
        assertThat(out.resolve("README.md")).exists();
    }

    @Test
    void copiesTheTokenizerUnlessTold() throws IOException {
        Files.writeString(temp.resolve("base/tokenizer.json"), "{}");
        assertThat(merge("--no-copy-tokenizer").code()).isZero();
        assertThat(out.resolve("tokenizer.json")).doesNotExist();
        assertThat(merge("--overwrite").code()).isZero();
        assertThat(out.resolve("tokenizer.json")).exists();
    }

    @Test
    void splitsTheOutput() {
        assertThat(merge("--out-shard-size", "2K").code()).isZero();
        assertThat(Checkpoint.open(out).files()).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "--allow-crimes", "--no-allow-crimes", "--no-cuda", "--device cpu", "--device auto", "--no-low-cpu-memory",
        "--clone-tensors", "--no-clone-tensors", "--no-trust-remote-code", "--no-lazy-unpickle", "--safe-serialization",
        "--no-read-to-gpu", "--no-multi-gpu", "--async-write", "--no-async-write", "--copy-tokenizer", "--no-copy-tokenizer",
        "--write-model-card", "--no-write-model-card", "--random-seed 3", "--num-threads 2", "-j 2", "-j2",
        "--out-shard-size 5B", "--no-quiet --quiet", "-q", "-v", "-vv --no-quiet", "--out-shard-size=1000000"
    })
    void takesTheOptionsOfMergekit(String options) {
        CliRig.Outcome outcome = merge((Object[]) options.split(" "));
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(outcome.err()).doesNotContain("warning");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "--transformers-cache x", "--lora-merge-cache x", "--lora-merge-dtype float32", "--low-cpu-memory",
        "--trust-remote-code", "--lazy-unpickle", "--read-to-gpu", "--multi-gpu", "--write-threads 3"
    })
    void saysWhichHaveNoEffect(String options) {
        CliRig.Outcome outcome = merge((Object[]) ("--quiet " + options).split(" "));
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(outcome.err())
                .isEqualTo("warning: without effect here: " + options.split(" ")[0] + " (-v says why)\n");
    }

    @Test
    void saysItInOneLine() {
        assertThat(merge("-q", "--read-to-gpu", "--lazy-unpickle", "--no-multi-gpu", "--write-threads", 2).err())
                .isEqualTo("warning: without effect here: --lazy-unpickle, --read-to-gpu, --write-threads (-v says why)\n");
    }

    @Test
    void refusesDevicesThatCannotBe() {
        merge("--device", "toaster").refused(2, "'toaster'", "cuda:N");
    }

    @ParameterizedTest
    @CsvSource({
        "'', ''", "--cuda, ''", "--no-cuda, none", "--no-cuda --gpu-rich, ''", "--device cpu, none", "--device cuda, ''",
        "--device cuda:2, 2", "--device auto --no-cuda, ''", "--device cpu --cuda, none"
    })
    void choosesDevicesAsMergekitDoes(String options, String devices) {
        CommandSpec spec = CommandSpec.create();
        MergekitOptions.addTo(spec);
        String[] line = options.isEmpty() ? new String[0] : options.split(" ");
        assertThat(MergekitOptions.environment(new CommandLine(spec).parseArgs(line)).getOrDefault("INGOT_CUDA_DEVICES", ""))
                .isEqualTo(devices);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--cuda", "--gpu-rich", "--device cuda", "--device cuda:1", "--device=xpu"})
    void saysThatNoGpuIsUsed(String options) {
        CliRig.Outcome outcome = merge((Object[]) ("--quiet " + options).split(" "));
        assertThat(outcome.code()).isZero();
        assertThat(outcome.err().lines()).hasSize(1).first().asString()
                .startsWith("warning: --").contains("the merge runs on the CPU, as the cuda backend is off");
    }

    @Test
    void refusesToPretendPickles() {
        merge("--no-safe-serialization").refused(2, "--no-safe-serialization", "leave");
    }

    @Test
    void namesOptionsWithoutEffectWhenVerbose() {
        String err = merge("--lazy-unpickle", "--write-threads", "2", "-v", "--progress=none").err();
        assertThat(err.lines().filter(line -> line.startsWith("note: ")).map(line -> line.split(" ")[1]))
                .containsExactly("--lazy-unpickle", "--write-threads");
    }

    @Test
    void stopsWhenTheUserWants() {
        CliRig.Outcome outcome = merge(new CliRig().interruptedBy(Runnable::run), "--progress", "none");
        outcome.refused(130, "stopped", "run the same command again to continue");
        assertThat(merge().code()).isZero();
    }

    @Test
    void showsProgressInTheWantedForm() {
        assertThat(merge("--progress", "plain").err().lines().filter(line -> line.startsWith("100 %"))).hasSize(1);
        assertThat(merge("--overwrite", "--progress=json").err()).startsWith("{\"schema\":\"ingot.progress/1\",");
        assertThat(merge(new CliRig().onTerminal(), "--overwrite").err()).startsWith("\rread ");
        assertThat(merge("--overwrite", "--progress=none").err().lines()).hasSize(1);
        merge("--overwrite", "--progress=bar").refused(2, "'bar'", "plain");
    }

    @Test
    void laterOptionsWin() {
        assertThat(merge("--random-seed", 1, "--random-seed", 2, "--dry-run", "--json").json("ingot.plan/1"))
                .containsEntry("seed", 2L);
    }

    @Test
    void sizesOfMemoryAreUnderstood() {
        for (String size : List.of("512MiB", "1GB", "0.5g", "600000000")) {
            assertThat(merge("--memory", size, "--dry-run").code()).as(size).isZero();
        }
        merge("--memory", "64MiB").refused(5, "memory", "--memory");
        merge("--memory", "lots").refused(2, "'lots'", "512MiB");
    }
}

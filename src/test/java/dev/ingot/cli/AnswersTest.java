// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ingot.Ingot;
import dev.ingot.MethodInfo;
import dev.ingot.checkpoint.TestJson;
import dev.ingot.fixture.CombiningMethod;
import dev.ingot.fixture.Provided;
import dev.ingot.fixture.TestCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that only answer questions. */
class AnswersTest {
    private static final Path BASE = Path.of("examples/vision-experts/base");

    @TempDir
    private Path temp;

    private static CliRig.Outcome run(Object... args) {
        return new CliRig().run(args);
    }

    @Test
    void version() {
        assertThat(run("--version").out()).isEqualTo("ingot " + Ingot.version() + "\n");
        assertThat(run("version").out()).startsWith("ingot " + Ingot.version() + " (Java ");
        assertThat(run("version", "--json").json("ingot.version/1")).containsEntry("version", Ingot.version());
    }

    @Test
    void inspectListsTensorsFilesAndTotals() {
        String out = run("inspect", BASE).out();
        assertThat(out.lines().toList()).contains("embed.weight         BF16   [192, 784]  301 kB");
        assertThat(out).contains("metadata  format: pt", "total     28 tensors, 1336128 parameters, 2.67 MB");
    }

    @Test
    void inspectAsJson() {
        Map<String, Object> answer = run("inspect", BASE, "--json").json("ingot.inspect/1");
        assertThat(answer).containsEntry("parameters", 1336128L).containsEntry("bytes", 2672256L);
        assertThat(TestJson.object(TestJson.list(answer.get("files")).getFirst()))
                .containsEntry("metadata", Map.of("format", "pt"));
        assertThat(TestJson.list(answer.get("tensors"))).hasSize(28).contains(Map.of(
                "name", "embed.weight",
                "dtype", "BF16",
                "shape", List.of(192L, 784L),
                "bytes", 301056L,
                "file", "model.safetensors"));
    }

    @Test
    void inspectShowsHostileNamesHarmless() throws IOException {
        Path file = TestCheckpoint.writeRaw(temp.resolve("model.safetensors"),
                "{\"a\\u001b[2J\\nb\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", List.of(new byte[1]));
        assertThat(run("inspect", file).out()).doesNotContain("\u001b").contains("a\\u001b[2J b");
    }

    @Test
    void methods() {
        List<String> names = Ingot.create().methods().stream().map(MethodInfo::name).toList();
        assertThat(names).contains("linear", "slerp", "task_arithmetic", "ties", "dare_linear", "dare_ties", "passthrough");
        assertThat(run("methods").out().lines().map(line -> line.split(" ")[0])).containsExactlyElementsOf(names);
        assertThat(TestJson.list(run("methods", "--json").json("ingot.methods/1").get("methods"))).hasSameSizeAs(names);
        for (String name : names) {
            assertThat(run("methods", name).out()).startsWith("method").contains(name, "base model", "models", "random");
        }
    }

    @Test
    void aMethodHasItsParametersAndPaper() {
        assertThat(run("methods", "ties").out())
                .contains("https://arxiv.org/abs/2306.01708", "density", "(0, 1]", "required");
        Map<String, Object> ties = TestJson.object(TestJson.list(run("methods", "ties", "--json")
                        .json("ingot.methods/1").get("methods")).getFirst());
        assertThat(ties).containsEntry("base", "required").containsEntry("random", "false");
        assertThat(TestJson.list(ties.get("parameters")).stream()
                        .map(TestJson::object)
                        .filter(parameter -> parameter.get("name").equals("density")))
                .singleElement()
                .satisfies(density -> assertThat(density)
                        .containsEntry("default", "1").containsEntry("range", "(0, 1]").containsEntry("perModel", "true"));
    }

    @Test
    void aMethodHasItsCompanions() {
        assertThat(run("methods", "dare_ties").out()).contains("companions  draws: further checkpoints of a model");
        assertThat(run("methods", "ties").out()).doesNotContain("companions");
        assertThat(TestJson.object(TestJson.list(run("methods", "dare_ties", "--json").json("ingot.methods/1").get("methods"))
                        .getFirst())).containsEntry("companions", List.of("draws"));
    }

    @Test
    void aChoiceIsShownWithItsNames() throws IOException {
        Path providers = temp.resolve("providers");
        assertThat(Provided.during(providers, CombiningMethod.class, () -> run("methods", "combining")).out())
                .contains("combine    sum, disjoint_mean  sum ");
        assertThat(Provided.during(providers, CombiningMethod.class, () -> run("methods", "--markdown")).out())
                .contains("`combine` (sum, or disjoint_mean), `sign` (plus, or minus), `scale` (1), `halve` (false) |");
        Map<String, Object> answer = Provided.during(
                providers, CombiningMethod.class, () -> run("methods", "combining", "--json").json("ingot.methods/1"));
        Map<String, Object> method = TestJson.object(TestJson.list(answer.get("methods")).getFirst());
        assertThat(TestJson.object(TestJson.list(method.get("parameters")).getFirst()))
                .containsEntry("type", "choice").containsEntry("default", "sum")
                .containsEntry("choices", List.of("sum", "disjoint_mean"));
        assertThat(TestJson.object(TestJson.list(method.get("parameters")).get(2))).containsEntry("choices", List.of());
    }

    @Test
    void doctor() {
        String out = run("doctor").out();
        assertThat(out.lines().map(line -> line.split("  ")[0]))
                .contains("Ingot", "Java", "memory", "backend", "native library", "CUDA driver", "CUDA kernels", "OpenBLAS",
                        "cuBLAS", "cuSOLVER", "library cache", "file hints");
        assertThat(out.lines().filter(line -> line.contains("cuBLAS  "))).singleElement().asString()
                .as("what was opened, or what to do").containsAnyOf("libcublas.so", "INGOT_CUBLAS", "libingot_cuda_shim.so");
        Map<String, Object> answer = run("doctor", "--json").json("ingot.doctor/1");
        assertThat(TestJson.list(answer.get("backends")).stream().map(b -> TestJson.object(b).get("name")))
                .containsExactly("cuda", "cpu", "reference");
        assertThat(TestJson.list(answer.get("libraries")).stream().map(l -> TestJson.object(l).get("name")))
                .containsExactly("OpenBLAS", "cuBLAS", "cuSOLVER");
        assertThat(answer).containsKeys("java", "instructionSets", "nativeLibrary", "cudaDriver", "gpus", "cacheFolders",
                "fileHints");
    }

    @Test
    void doctorSaysWhyAnInstructionSetCannotBeForced() {
        CliRig.Outcome outcome = new CliRig().with("INGOT_ISA", "abacus").run("doctor");
        assertThat(outcome.code()).isZero();
        assertThat(outcome.out().lines().filter(line -> line.startsWith("backend")).toList())
                .anyMatch(line -> line.contains("cpu: off"));
    }

    @Test
    void completionIsAScript() throws IOException, InterruptedException {
        String script = run("completion").out();
        assertThat(script).contains("merge", "--out-shard-size", "inspect");
        Path bash = Path.of("/bin/bash");
        assumeTrue(Files.isExecutable(bash), "there is no bash to check the script with");
        Path file = Files.writeString(temp.resolve("completion"), script);
        Process check = new ProcessBuilder(bash.toString(), "-n", file.toString()).inheritIO().start();
        assertThat(check.waitFor()).isZero();
    }

    @Test
    void demoPrintsTheTable() throws IOException {
        CliRig rig = new CliRig().inHome(Path.of("").toAbsolutePath());
        Path kept = temp.resolve("kept");
        CliRig.Outcome outcome = rig.run("demo", "--keep", kept);
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(outcome.out()).contains("experts, each on its task", "ties", "linear", "kept");
        assertThat(kept.resolve("ties/model.safetensors")).exists();
        assertThat(outcome.err().lines()).allMatch(line -> line.startsWith("merging merges/"));
        Map<String, Object> answer = rig.run("demo", "--json", "--quiet").json("ingot.demo/1");
        assertThat(TestJson.list(answer.get("models"))).hasSize(8);
    }
}

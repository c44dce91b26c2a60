// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.ingot.checkpoint.Checkpoint;
import dev.ingot.checkpoint.Dtype;
import dev.ingot.checkpoint.TestJson;
import dev.ingot.error.UsageException;
import dev.ingot.fixture.Merges;
import dev.ingot.fixture.Snapshot;
import dev.ingot.fixture.TestTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The files beside the weights. */
class OutputFilesTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");

    @TempDir
    private Path directory;

    private Path models;
    private Path output;

    @BeforeEach
    void copyModels() throws IOException {
        models = directory.resolve("models");
        output = directory.resolve("out");
        for (String model : List.of("base", "expert0", "expert1", "expert2")) {
            Files.createDirectories(models.resolve(model));
            for (String name : List.of("config.json", "model.safetensors")) {
                Files.copy(GOLDEN.resolve("families/g1").resolve(model).resolve(name), models.resolve(model).resolve(name));
            }
        }
    }

    private MergeRequest request(String golden) {
        return MergeRequest.of(GOLDEN.resolve("mergekit").resolve(golden).resolve("config.yml"), output)
                .withModelDirectory(models);
    }

    private static Map<String, Object> json(Path file) {
        return TestJson.object(TestJson.read(file));
    }

    /** What config.json says of the shape is what mergekit's says. */
    @ParameterizedTest
    @ValueSource(strings = {"passthrough_stack", "ties", "slerp_gradient_filters"})
    void configDescribesTheResult(String golden) {
        Ingot.create().merge(request(golden));
        Map<String, Object> found = json(output.resolve("config.json"));
        Map<String, Object> expected = json(GOLDEN.resolve("mergekit").resolve(golden).resolve("config.json"));
        for (String key : List.of("num_hidden_layers", "hidden_size", "vocab_size", "architectures", "tie_word_embeddings")) {
            assertThat(found.get(key)).as(key).isEqualTo(expected.get(key));
        }
        assertThat(found.getOrDefault("dtype", found.get("torch_dtype"))).isEqualTo("float32");
    }

    @Test
    void settingsAndTokenizerAreThoseOfTheBase() throws IOException {
        Files.writeString(models.resolve("base/tokenizer.json"), "base's");
        Files.writeString(models.resolve("base/generation_config.json"), "{}");
        Files.writeString(models.resolve("expert0/tokenizer.json"), "expert's");
        Files.writeString(models.resolve("expert0/merges.txt"), "expert's");
        Ingot.create().merge(request("ties"));
        assertThat(output.resolve("tokenizer.json")).hasContent("base's");
        assertThat(Snapshot.names(output)).containsExactlyInAnyOrder(
                "README.md", "config.json", "generation_config.json", "ingot_report.json", "mergekit_config.yml",
                "model.safetensors", "tokenizer.json");
    }

    /** The donor's embedding stands for its head; the other model has one of its own, and wider numbers. */
    @Test
    void configSaysWhatTheTensorsAre() throws IOException {
        List<TestTensor> donor = List.of(
                TestTensor.vector("model.embed_tokens.weight", Dtype.BF16, 1, 2),
                TestTensor.vector("model.norm.weight", Dtype.BF16, 3));
        List<TestTensor> other = List.of(
                TestTensor.vector("model.embed_tokens.weight", Dtype.F32, 1, 2),
                TestTensor.vector("model.norm.weight", Dtype.F32, 3),
                TestTensor.vector("lm_head.weight", Dtype.F32, 4, 5));
        Merges.models(models, Map.of("donor", donor, "twin", donor, "other", other));
        String config = "{\"tie_word_embeddings\": true, \"torch_dtype\": \"bfloat16\"}";
        Files.writeString(models.resolve("donor/config.json"), config);
        assertThat(configOf("donor", "other"))
                .isEqualToIgnoringWhitespace(config.replace("true", "false").replace("bfloat16", "float32"));
        assertThat(configOf("donor", "twin")).isEqualToIgnoringWhitespace(config);
    }

    private String configOf(String first, String second) throws IOException {
        String yaml = "merge_method: linear\nmodels: [{model: " + first + "}, {model: " + second + "}]\n"
                + "parameters: {weight: 1}\n";
        Ingot.create().merge(MergeRequest.ofYaml(yaml, "test.yml", models, output).withOverwrite(true));
        return Files.readString(output.resolve("config.json"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"README.md", "mergekit_config.yml", "ingot_report.json", "config.json", "tokenizer.json"})
    void filesOfTheUserAreNotReplaced(String name) throws IOException {
        Files.writeString(models.resolve("base/tokenizer.json"), "base's");
        Files.writeString(Files.createDirectories(output).resolve(name), "mine");
        assertThatExceptionOfType(UsageException.class)
                .isThrownBy(() -> Ingot.create().merge(request("ties")))
                .withMessageContaining(output.resolve(name).toString())
                .satisfies(e -> assertThat(e.hint()).contains("--overwrite"));
        assertThat(Snapshot.names(output)).containsExactly(name);
        Ingot.create().merge(request("ties").withOverwrite(true));
        assertThat(output.resolve(name)).content().isNotEqualTo("mine");
    }

    @Test
    void filesThatTheMergeDoesNotWriteMayStay() throws IOException {
        Files.writeString(Files.createDirectories(output).resolve("README.md"), "mine");
        Ingot.create().merge(request("ties").withModelCard(false));
        assertThat(output.resolve("README.md")).hasContent("mine");
    }

    @Test
    void withoutCardAndTokenizer() throws IOException {
        Files.writeString(models.resolve("base/tokenizer.json"), "base's");
        Ingot.create().merge(request("ties").withModelCard(false).withTokenizerCopy(false));
        assertThat(Snapshot.names(output)).containsExactlyInAnyOrder("config.json", "ingot_report.json", "model.safetensors");
    }

    @Test
    void configurationIsKeptAsItWas() {
        Ingot.create().merge(request("ties"));
        assertThat(output.resolve("mergekit_config.yml"))
                .hasSameTextualContentAs(GOLDEN.resolve("mergekit/ties/config.yml"));
        assertThat(output.resolve("README.md")).content()
                .startsWith("---\n")
                .contains("- merge\n", "[TIES](https://arxiv.org/abs/2306.01708)", "expert2", "merge_method: ties")
                .doesNotContain(directory.toString());
    }

    @Test
    void indexNamesEveryTensor() {
        MergeResult result = Ingot.create().merge(request("ties").withShardSize("60KB"));
        Map<String, Object> index = json(output.resolve("model.safetensors.index.json"));
        Checkpoint checkpoint = Checkpoint.open(output);
        assertThat(TestJson.object(index.get("weight_map")).keySet()).isEqualTo(checkpoint.tensors().keySet());
        assertThat(TestJson.object(index.get("metadata")).get("total_size")).isEqualTo(checkpoint.totalBytes());
        assertThat(checkpoint.warnings()).isEmpty();
        assertThat(checkpoint.files().size()).isGreaterThan(2);
        assertThat(result.bytesWritten())
                .isEqualTo(checkpoint.files().stream().mapToLong(file -> file.fileSize()).sum());
    }

    @Test
    void reportSaysWhatHappened() {
        MergeResult result = Ingot.create().merge(request("ties").withSeed(42).withThreads(2));
        Map<String, Object> report = json(output.resolve("ingot_report.json"));
        assertThat(report)
                .containsEntry("schema", "ingot.report/1")
                .containsEntry("method", "ties")
                .containsEntry("seed", 42L)
                .containsEntry("threads", 2L)
                .containsEntry("backend", result.backend())
                .containsEntry("resumedTensors", 0L)
                .containsEntry("bytesRead", result.bytesRead())
                .containsEntry("bytesToRead", result.bytesRead())
                .containsKeys("planHash", "models", "warnings", "java", "seconds", "peakResident", "version");
        assertThat(result.reportJson()).doesNotContain("\n").contains("ingot.report/1");
    }

    @Test
    void planIsOneJsonObject() throws IOException {
        MergePlan plan = Ingot.create().plan(request("ties"));
        Map<String, Object> json = json(Files.writeString(directory.resolve("plan.json"), plan.toJson()));
        assertThat(json).containsEntry("schema", "ingot.plan/1").containsEntry("planHash", plan.hash());
        assertThat(TestJson.list(json.get("tensors"))).hasSize(plan.tensors().size());
        assertThat(plan.toText()).contains("ties").contains(plan.output().toString());
        assertThat(output).doesNotExist();
    }
}

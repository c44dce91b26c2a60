// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ingot.checkpoint.Checkpoint;
import dev.ingot.checkpoint.Dtype;
import dev.ingot.error.CheckpointException;
import dev.ingot.error.ConfigException;
import dev.ingot.error.InterruptedMergeException;
import dev.ingot.error.UsageException;
import dev.ingot.exec.IoMode;
import dev.ingot.exec.MergeExecutor;
import dev.ingot.fixture.DisturbedBackend;
import dev.ingot.fixture.Merges;
import dev.ingot.fixture.Snapshot;
import dev.ingot.fixture.TestCheckpoint;
import dev.ingot.fixture.TestFamily;
import dev.ingot.fixture.TestTensor;
import dev.ingot.kernel.ReferenceBackend;
import dev.ingot.plan.Plan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Vector and masks of several models stand for what merging gives for each, byte for byte. */
class MasksTest {
    private static final String TIES = "{sparsify: magnitude, elect: mass, combine: disjoint_sum}";

    /** A tensor that models of Llama's family may lack. */
    private static final String OPTIONAL = "model.layers.0.self_attn.q_proj.bias";

    @TempDir
    private static Path directory;

    private final Ingot ingot = Ingot.create();

    @BeforeAll
    static void writeModels() throws IOException {
        TestFamily.mixed(directory);
        Path small = Files.createDirectory(directory.resolve("small"));
        TestFamily.uniform(small, Dtype.BF16, 6, 131, 401);
    }

    private static Path fresh() throws IOException {
        return Files.createTempDirectory(directory, "out");
    }

    private static MergeRequest request(String yaml, Path models) throws IOException {
        return MergeRequest.ofYaml(yaml, "test", models, fresh());
    }

    private static void assertSame(Path found, Path expected) throws IOException {
        Map<String, byte[]> wanted = Snapshot.weights(expected);
        Map<String, byte[]> weights = Snapshot.weights(found);
        assertThat(wanted).isNotEmpty();
        assertThat(weights.keySet()).isEqualTo(wanted.keySet());
        wanted.forEach((name, bytes) -> assertThat(weights.get(name)).as(name).isEqualTo(bytes));
    }

    /** Tensors of all types, a scalar, an empty one; two tasks. The model lists no tensor that the base lacks. */
    @Test
    void whatIsRebuiltIsWhatMergingGives() throws IOException {
        for (String[] method : List.of(
                new String[] {"emr", "{}"},
                new String[] {"emr", "{rescale: global}"},
                new String[] {"tall_masks", "{mask_lambda: 0.5}"},
                new String[] {"tall_masks", TIES},
                new String[] {"mag_masking", "{density: 0.3}"})) {
            String masked = Merges.yaml(method[0], method[1], "a {}", "c {}");
            Path masks = ingot.merge(request(masked, directory).asMasks()).output();
            for (String task : List.of("a", "c")) {
                String marked = masked.replace("{model: " + task + ", parameters: {}", "{model: " + task + ", parameters: {task: true}");
                Path direct = ingot.merge(request(marked, directory)).output();
                Path rebuilt = ingot.merge(
                                MergeRequest.reconstruction(masks, directory.resolve("base"), task, fresh()))
                        .output();
                assertSame(rebuilt, direct);
                assertThat(rebuilt.resolve("config.json"))
                        .hasSameTextualContentAs(direct.resolve("config.json"));
            }
        }
    }

    @Test
    void anotherTypeOfTheModelAndOfTheVector() throws IOException {
        Path small = directory.resolve("small");
        String yaml = Merges.yaml("emr", "{}", "a {}", "b {task: true}", "c {}");
        Path direct = ingot.merge(request(yaml + "out_dtype: float32\n", small)).output();
        Path masks = ingot.merge(request(yaml, small).asMasks()).output();
        MergeRequest rebuild = MergeRequest.reconstruction(masks, small.resolve("base"), "b", fresh());
        assertSame(ingot.merge(rebuild.withOutputType("float32")).output(), direct);

        Path half = ingot.merge(request(yaml, small).asMasks("bfloat16")).output();
        Checkpoint vector = Checkpoint.open(half.resolve("unified.safetensors"));
        assertThat(vector.tensors().values()).allMatch(tensor -> tensor.dtype() == Dtype.BF16);
    }

    @Test
    void layout() throws IOException {
        Path masks = ingot.merge(request(Merges.yaml("tall_masks", "{}", "a {}", "c {}"), directory).asMasks()).output();
        assertThat(Snapshot.names(masks))
                .containsExactly(
                        "ingot_report.json", "mask-a.safetensors", "mask-c.safetensors", "masks.json",
                        "mergekit_config.yml", "unified.safetensors");
        var mask = Checkpoint.open(masks.resolve("mask-c.safetensors"));
        assertThat(mask.files().getFirst().metadata())
                .containsEntry("task", "c")
                .containsEntry("shape:model.norm.weight", "[31]")
                .containsEntry("shape:model.scale", "[]");
        assertThat(mask.find("model.norm.weight").orElseThrow().shape().dims()).containsExactly(4L);
        // What is no number stays the base's.
        assertThat(mask.find("model.position_ids")).isEmpty();
        byte[] bits = TestCheckpoint.read(masks.resolve("mask-c.safetensors")).get("model.norm.weight").data();
        assertThat(bits[3] & 1).as("31 bits, and a zero").isZero();
        double[] base = TestCheckpoint.read(directory.resolve("base")).get("model.norm.weight").values();
        double[] own = TestCheckpoint.read(directory.resolve("c")).get("model.norm.weight").values();
        double[] all = TestCheckpoint.read(masks.resolve("unified.safetensors")).get("model.norm.weight").values();
        for (int i = 0; i < 31; i++) {
            float merged = (float) base[i] + (float) all[i];
            boolean kept = Math.abs((float) base[i] - (float) own[i]) > Math.abs(merged - (float) own[i]) * 0.4f;
            assertThat((bits[i / 8] >> 7 - i % 8 & 1) == 1).as("bit " + i).isEqualTo(kept);
        }
    }

    /** The files are written side by side, so each has a chunk open; shards, threads and memory do not show. */
    @ParameterizedTest
    @ValueSource(strings = {"emr", "tall_masks", "mag_masking"})
    void bytesDoNotDependOnHowTheyAreMade(String method) throws IOException {
        Path small = directory.resolve("small");
        String yaml = Merges.yaml(method, "{}", "a {}", "b {}", "c {}");
        Path expected = ingot.merge(request(yaml, small).asMasks()).output();
        MergeRequest tight = request(yaml, small)
                .asMasks()
                .withThreads(5)
                .withMemory(190L << 20)
                .withIo("pread")
                .withBackend("reference");
        assertSame(ingot.merge(tight).output(), expected);

        Path sharded = ingot.merge(request(yaml, small).asMasks().withShardSize("300KB").withModelCard(false)).output();
        assertThat(Snapshot.names(sharded))
                .contains("unified.safetensors.index.json", "unified-00001-of-00006.safetensors", "mask-a.safetensors");
        assertThat(TestCheckpoint.read(sharded.resolve("unified.safetensors.index.json")).keySet())
                .isEqualTo(TestCheckpoint.read(expected.resolve("unified.safetensors")).keySet());
        Path one = ingot.merge(MergeRequest.reconstruction(sharded, small.resolve("base"), "c", fresh())).output();
        Path two = ingot.merge(MergeRequest.reconstruction(expected, small.resolve("base"), "c", fresh())).output();
        assertSame(one, two);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 8, 20, 28})
    void whatWasStoppedGoesOn(int calls) throws IOException {
        Path small = directory.resolve("small");
        String yaml = Merges.yaml("emr", "{}", "a {}", "b {}", "c {}");
        Path expected = ingot.merge(request(yaml, small).asMasks()).output();
        MergeRequest request = request(yaml, small).asMasks().withBackend("reference").withThreads(1);
        Plan plan = ingot.plan(request).plan();
        MergeExecutor[] executor = new MergeExecutor[1];
        executor[0] = new MergeExecutor(
                plan,
                new DisturbedBackend(new ReferenceBackend(), calls, () -> executor[0].cancel()),
                IoMode.AUTO);
        assertThatThrownBy(() -> executor[0].run(resumed -> new LinkedHashMap<>()))
                .isInstanceOf(InterruptedMergeException.class);
        Path output = ingot.merge(request).output();
        assertSame(output, expected);
        assertThat(output.resolve("masks.json")).hasSameTextualContentAs(expected.resolve("masks.json"));
    }

    @Test
    void replacesMasksButNoModel() throws IOException {
        Path small = directory.resolve("small");
        Path output = fresh();
        String first = Merges.yaml("emr", "{}", "a {}", "b {}");
        String second = Merges.yaml("emr", "{}", "b {}", "c {}");
        ingot.merge(MergeRequest.ofYaml(first, "test", small, output).asMasks());
        MergeRequest again = MergeRequest.ofYaml(second, "test", small, output).asMasks();
        assertThatThrownBy(() -> ingot.merge(again)).isInstanceOf(UsageException.class).hasMessageContaining("already holds");
        Files.writeString(output.resolve("adapter.safetensors"), "mine");
        ingot.merge(again.withOverwrite(true));
        assertThat(Snapshot.names(output))
                .contains("adapter.safetensors", "mask-b.safetensors", "mask-c.safetensors")
                .doesNotContain("mask-a.safetensors");
    }

    @Test
    void modelsOfOneNameGetNumbers() throws IOException {
        Path models = Files.createTempDirectory(directory, "names");
        for (String model : List.of("base", "x/ft", "y/ft", "y/a b")) {
            Path from = directory.resolve("small").resolve(model.equals("base") ? "base" : "a");
            Files.createDirectories(models.resolve(model));
            Files.copy(from.resolve("model.safetensors"), models.resolve(model).resolve("model.safetensors"));
        }
        String yaml = "merge_method: emr\nbase_model: base\nmodels: [{model: x/ft}, {model: y/ft}, {model: y/a b}]\n";
        Path masks = ingot.merge(request(yaml, models).asMasks()).output();
        assertThat(Snapshot.names(masks)).contains("mask-ft.safetensors", "mask-ft-2.safetensors", "mask-a_b.safetensors");
    }

    /** The masks of the second task would have the name of a part of the first one's. */
    @Test
    void noTaskIsTakenForAShardOfAnother() throws IOException {
        Path models = Files.createTempDirectory(directory, "shards");
        for (String[] model : new String[][] {{"base", "base"}, {"ft", "a"}, {"ft-00001-of-00003", "b"}}) {
            Path from = directory.resolve("small").resolve(model[1]).resolve("model.safetensors");
            Files.copy(from, Files.createDirectory(models.resolve(model[0])).resolve("model.safetensors"));
        }
        String yaml = Merges.yaml("emr", "{}", "ft {}", "ft-00001-of-00003 {}");
        MergeRequest request = request(yaml, models).asMasks().withModelCard(false);
        Path whole = ingot.merge(request).output();
        assertThat(Snapshot.names(whole)).contains("mask-ft.safetensors", "mask-ft-00001-of-00003-2.safetensors");
        Path divided = ingot.merge(request(yaml, models).asMasks().withShardSize("110K")).output();
        for (String task : List.of("ft", "ft-00001-of-00003-2")) {
            Path one = ingot.merge(MergeRequest.reconstruction(divided, models.resolve("base"), task, fresh())).output();
            Path two = ingot.merge(MergeRequest.reconstruction(whole, models.resolve("base"), task, fresh())).output();
            assertSame(one, two);
        }
    }

    /** Two tensors of 131 x 401 are 105062 parameters, in the vector as in the masks, whose bits fill an eighth of the bytes. */
    @Test
    void bitsOfMasksCountAsParameters() throws IOException {
        String yaml = Merges.yaml("emr", "{}", "a {}", "b {}");
        Path masks = ingot.merge(request(yaml, directory.resolve("small")).asMasks().withShardSize("110K")).output();
        for (int file = 1; file <= 3; file++) {
            String end = "-0000" + file + "-of-00003.safetensors";
            assertThat(TestCheckpoint.read(masks.resolve("mask-b" + end)).keySet())
                    .hasSize(2)
                    .isEqualTo(TestCheckpoint.read(masks.resolve("unified" + end)).keySet());
        }
    }

    @Test
    void refusals() throws IOException {
        Path small = directory.resolve("small");
        assertThatThrownBy(() -> ingot.plan(request(Merges.yaml("ties", "{}", "a {weight: 1, density: 1}"), small).asMasks()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("ties has no masks");
        for (String method : List.of("emr", "tall_masks", "mag_masking")) {
            assertThatThrownBy(() -> ingot.plan(request(Merges.yaml(method, "{}", "a {}", "b {}"), small)))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("0 of the models are marked by 'task'");
            assertThatThrownBy(() -> ingot.plan(request(Merges.yaml(method, "{task: true}", "a {}", "b {}"), small)))
                    .hasMessageContaining("2 of the models are marked");
        }
        assertThatThrownBy(() -> ingot.plan(request(Merges.yaml("twin_merging", "{}", "a {}", "b {}"), small)))
                .hasMessageContaining("0 of the models are marked by 'task'")
                .extracting(error -> ((ConfigException) error).hint())
                .isEqualTo("give one model the parameter task: true, or choose experts: shared or mixed");
        String byLayer = "{rescale: [{filter: layers.3, value: global}, {value: tensor_mean}]}";
        String filtered = Merges.yaml("emr", byLayer, "a {task: true}", "b {}");
        assertThatThrownBy(() -> ingot.plan(request(filtered, small)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("parameters differ between tensors");
        assertThatThrownBy(() -> ingot.plan(request(Merges.yaml("tall_masks", TIES, "a {}", "b {}"), small)))
                .hasMessageContaining("0 of the models are marked by 'task'");
        assertThatThrownBy(() -> ingot.plan(request(Merges.yaml("emr", "{}", "a {}", "b {}"), directory).asMasks()))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("tensor 'lm_head.weight' is missing, but a model has it");
        Path partial = Files.createTempDirectory(directory, "partial");
        for (String model : List.of("base", "a", "b")) {
            var tensors = TestCheckpoint.read(small.resolve("a"));
            if (!model.equals("a")) {
                tensors.put(OPTIONAL, TestTensor.vector(OPTIONAL, Dtype.BF16, 1, 2, 3));
            }
            TestCheckpoint.write(partial.resolve(model), tensors.values());
            Files.writeString(
                    partial.resolve(model).resolve("config.json"),
                    "{\"model_type\": \"llama\", \"architectures\": [\"LlamaForCausalLM\"], \"num_hidden_layers\": 6}");
        }
        assertThatThrownBy(() -> ingot.plan(request(Merges.yaml("emr", "{}", "a {}", "b {}"), partial).asMasks()))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(OPTIONAL + " is missing in some models");
        for (String marked : List.of("{task_index: 0}", "{experts: mixed}")) {
            assertThatThrownBy(() -> ingot.plan(request(Merges.yaml("twin_merging", marked, "a {}", "b {}"), partial)))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining(OPTIONAL + " is missing in some models");
        }
        ingot.plan(request(Merges.yaml("twin_merging", "{experts: shared}", "a {}", "b {}"), partial));

        Path masks = ingot.merge(request(Merges.yaml("emr", "{}", "a {}", "b {}"), small).asMasks()).output();
        assertThatThrownBy(() -> ingot.plan(MergeRequest.reconstruction(masks, small.resolve("base"), "d", fresh())))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("there is no task 'd'");
        assertThatThrownBy(() -> ingot.plan(MergeRequest.reconstruction(small, small.resolve("base"), "a", fresh())))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("there is no masks.json");
        assertThatThrownBy(() -> ingot.plan(MergeRequest.reconstruction(masks, directory.resolve("base"), "a", fresh())))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("model.layers.0.weight");
    }

    /** A description from a stranger opens no files elsewhere and gives no wrong numbers. */
    @Test
    void damagedDescriptions() throws IOException {
        Path small = directory.resolve("small");
        Path masks = ingot.merge(request(Merges.yaml("emr", "{}", "a {}", "b {}"), small).asMasks()).output();
        Path file = masks.resolve("masks.json");
        String good = Files.readString(file);
        for (String bad : Stream.of(
                        good.replace("ingot.masks/1", "ingot.masks/9"),
                        good.replace("mask-a.safetensors", "../a/model.safetensors"),
                        good.replace("\"unified.safetensors\"", "\"\""),
                        good.replaceAll("\"rescalers\":\\[[^,]*,", "\"rescalers\":["),
                        good.replaceAll("\"rescalers\":\\[[^,]*,", "\"rescalers\":[\"x\","),
                        good.replace("\"tasks\"", "\"task\""))
                .toList()) {
            Files.writeString(file, bad);
            assertThatThrownBy(() -> ingot.plan(MergeRequest.reconstruction(masks, small.resolve("base"), "a", fresh())))
                    .as(bad)
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("masks.json");
        }
        Files.writeString(file, good.replace("mask-a.safetensors", "unified.safetensors"));
        assertThatThrownBy(() -> ingot.plan(MergeRequest.reconstruction(masks, small.resolve("base"), "a", fresh())))
                .hasMessageContaining("is no mask of");
    }
}

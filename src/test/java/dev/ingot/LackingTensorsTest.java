// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.checkpoint.Shape;
import dev.ingot.error.ConfigException;
import dev.ingot.fixture.Merges;
import dev.ingot.fixture.TestCheckpoint;
import dev.ingot.fixture.TestTensor;
import dev.ingot.linalg.LinearAlgebra;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Models that lack different tensors: {@code a} the second one, {@code c} the first. Both tensors have two models then, and the
 * second of the first tensor, {@code b}, is the first of the second.
 */
class LackingTensorsTest {
    private static final String FIRST = "model.layers.0.self_attn.q_proj.bias";
    private static final String SECOND = "model.layers.1.self_attn.q_proj.bias";

    @TempDir
    private static Path directory;

    private final Ingot ingot = Ingot.create();

    @BeforeAll
    static void writeModels() throws IOException {
        SplittableRandom random = new SplittableRandom(20261203);
        for (String model : List.of("base", "a", "b", "c")) {
            List<TestTensor> tensors = new ArrayList<>();
            for (String name : List.of(FIRST, SECOND)) {
                if (!(model.equals("a") && name.equals(SECOND)) && !(model.equals("c") && name.equals(FIRST))) {
                    tensors.add(tensor(name, random));
                }
            }
            Path to = directory.resolve(model);
            TestCheckpoint.write(to, tensors);
            Files.writeString(
                    to.resolve("config.json"),
                    "{\"model_type\": \"llama\", \"architectures\": [\"LlamaForCausalLM\"], \"num_hidden_layers\": 2}");
        }
    }

    private static TestTensor tensor(String name, SplittableRandom random) {
        float[] values = new float[12 * 8];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return TestTensor.of(name, Dtype.F32, Shape.of(12, 8), values);
    }

    @BeforeEach
    void requireLinearAlgebra() {
        assumeTrue(LinearAlgebra.refusal().isEmpty(), () -> LinearAlgebra.refusal().orElseThrow());
    }

    private void merge(String method, String parameters) throws IOException {
        Path output = Files.createTempDirectory(directory, "out");
        String yaml = Merges.yaml(method, parameters, "a {}", "b {}", "c {}");
        MergeResult result = ingot.merge(MergeRequest.ofYaml(yaml, "test", directory, output));
        assertThat(TestCheckpoint.read(result.output())).containsOnlyKeys(FIRST, SECOND);
    }

    /** What is learnt of a model in one tensor must not be used for another model in the next. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "knots             | {top_k: 20}",
        "doge_ta           | {num_steps: 2}",
        "opcm              | {}",
        "opcm              | {matrices: sum}",
        "pcb               | {}",
        "emr               | {task_index: 0}",
        "mag_masking       | {task_index: 1}",
        "tall_masks        | {task_index: 0}",
        "twin_merging      | {task_index: 0}",
        "twin_merging      | {experts: mixed}",
        "localize_and_stitch | {}",
        "task_vectors      | {sparsify: magnitude, density: 0.3, scope: model}",
        "task_vectors      | {sparsify: deviation}",
        "task_vectors      | {sparsify: energy}",
        "task_vectors      | {elect: normfrac}",
    })
    void factsOfOneModelAreNotUsedForAnother(String method, String parameters) {
        assertThatThrownBy(() -> merge(method, parameters))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("tensor " + SECOND + " is missing in some models");
    }

    /** Methods and settings that treat every tensor by itself, or learn what goes for all models alike. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "knots             | {}",
        "doge_ta           | {matrices: base}",
        "opcm              | {matrices: base}",
        "pcb               | {include: false}",
        "twin_merging      | {experts: shared}",
        "consensus         | {}",
        "ties              | {density: 0.3, weight: 1}",
        "task_vectors      | {sparsify: magnitude, density: 0.3}",
        "task_vectors      | {elect: mass, zero_sign: majority}",
        "tsv_m             | {}",
        "dop               | {num_steps: 2}",
    })
    void tensorsThatStandAloneMayLackModels(String method, String parameters) throws IOException {
        merge(method, parameters);
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.checkpoint.Shape;
import dev.ingot.fixture.Merges;
import dev.ingot.fixture.TestCheckpoint;
import dev.ingot.fixture.TestTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tensors without config.json, which mergekit has a command of its own for (mergekit.md 4.8), merge by name and shape. */
class RawMergeTest {
    private static final String[] NAMES = {"down_blocks.0.conv.weight", "time_embed", "x"};

    @TempDir
    private Path temp;

    @BeforeEach
    void models() throws IOException {
        Merges.models(temp, Map.of("base", tensors(0), "a", tensors(1), "b", tensors(3)));
        Files.move(temp.resolve("a/model.safetensors"), temp.resolve("a.safetensors"));
        Files.move(temp.resolve("b/model.safetensors"), temp.resolve("b/diffusion.safetensors"));
    }

    private static List<TestTensor> tensors(float value) {
        return List.of(
                TestTensor.of(NAMES[0], Dtype.F32, Shape.of(2, 3, 2, 2), Merges.constant(24, value)),
                TestTensor.of(NAMES[1], Dtype.F16, Shape.of(5), Merges.constant(5, value)),
                TestTensor.of(NAMES[2], Dtype.F32, Shape.of(), Merges.constant(1, value)));
    }

    private void merge(String yaml, float expected) throws IOException {
        Path out = temp.resolve("out");
        Ingot.create().merge(MergeRequest.ofYaml(yaml, "raw.yml", temp, out).withOverwrite(true));
        Map<String, TestTensor> merged = TestCheckpoint.read(out);
        assertThat(merged.keySet()).containsExactlyInAnyOrder(NAMES);
        merged.values().forEach(tensor -> {
            assertThat(tensor.shape()).isEqualTo(
                    tensors(0).stream().filter(other -> other.name().equals(tensor.name())).findFirst().orElseThrow().shape());
            assertThat(tensor.values()).containsOnly(expected);
        });
        assertThat(out.resolve("config.json")).doesNotExist();
        assertThat(out.resolve("README.md")).exists();
    }

    @Test
    void filesAndDirectoriesMergeByName() throws IOException {
        merge(Merges.yaml("linear", "{}", "a.safetensors {weight: 0.5}", "b/diffusion.safetensors {weight: 1.5}")
                .replace("base_model: base\n", ""), 2.5f);
    }

    @Test
    void taskVectorsTooAndTheBaseNeedNotBeListed() throws IOException {
        merge(Merges.yaml("task_arithmetic", "{weight: 0.5}", "a.safetensors {}", "b/diffusion.safetensors {}"), 2);
    }

    @Test
    void filtersAndFallbacksWork() throws IOException {
        merge(Merges.yaml(
                "ties",
                "{normalize: false, density: 1, weight: [{filter: nothing, value: 7}, {value: 0.25}]}",
                "a.safetensors {}", "b/diffusion.safetensors {weight: 0.5}"), 1.75f);
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import static dev.ingot.fixture.SameTensors.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.error.ConfigException;
import dev.ingot.fixture.Merges;
import dev.ingot.fixture.TestCheckpoint;
import dev.ingot.fixture.TestFamily;
import dev.ingot.fixture.TestTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What must hold of methods with masks, whatever the numbers are. */
class MaskPropertiesTest {
    @TempDir
    private static Path directory;

    private final Ingot ingot = Ingot.create();

    @BeforeAll
    static void writeModels() throws IOException {
        TestFamily.uniform(directory, Dtype.F32, 2, 211, 100);
    }

    private Map<String, TestTensor> merge(String method, String parameters, String... models) throws IOException {
        Path output = Files.createTempDirectory(directory, "out");
        String yaml = Merges.yaml(method, parameters, models);
        return TestCheckpoint.read(ingot.merge(MergeRequest.ofYaml(yaml, "test", directory, output)).output());
    }

    @Test
    void consensusOfAnyNumberIsTaskArithmetic() throws IOException {
        String[] models = {"a {weight: 1}", "b {weight: 1}", "c {weight: 1}"};
        assertSame(
                merge("consensus", "{prun_thre_k: 0, lambda: 0.3}", models),
                merge("task_arithmetic", "{lambda: 0.3}", models));
    }

    @Test
    void consensusOfMoreThanThereAreIsTheBase() throws IOException {
        assertSame(
                merge("consensus", "{prun_thre_k: 4}", "a {}", "b {}", "c {}"),
                TestCheckpoint.read(directory.resolve("base")));
    }

    /** Nothing else is merged in, so no element differs from the merged one, and all that moved are kept. */
    @Test
    void oneTaskIsRebuiltWhole() throws IOException {
        Map<String, TestTensor> expert = merge("task_arithmetic", "{}", "a {weight: 1}");
        assertSame(merge("tall_masks", "{mask_lambda: 0.2}", "a {}"), expert);
        assertSame(merge("emr", "{}", "a {}"), expert);
        assertSame(merge("emr", "{rescale: global}", "a {}"), expert);
        assertSame(merge("mag_masking", "{density: 1}", "a {}"), expert);
        assertSame(merge("consensus", "{prun_thre_k: 1, lambda: 1}", "a {}"), expert);
    }

    /** With a factor of 0 every weight that is not the base's differs enough: the whole vector is kept. */
    @Test
    void masksThatKeepEverything() throws IOException {
        Map<String, TestTensor> sum = merge("task_arithmetic", "{}", "a {weight: 1}", "b {weight: 1}");
        assertSame(merge("tall_masks", "{mask_lambda: 0}", "a {task: true}", "b {}"), sum);
        assertSame(merge("mag_masking", "{density: 1}", "a {}", "b {task: true}"), sum);
    }

    /** The unified vector knows no order; the sum of three numbers may, in its sign, only where they cancel out. */
    @Test
    void orderOfTasksDoesNotMatter() throws IOException {
        assertSame(merge("emr", "{}", "a {}", "b {task: true}", "c {}"), merge("emr", "{}", "c {}", "b {task: true}", "a {}"));
        assertSame(
                merge("mag_masking", "{density: 0.1}", "a {task: true}", "b {}"),
                merge("mag_masking", "{density: 0.1}", "b {}", "a {task: true}"));
    }

    @Test
    void placeInsteadOfMark() throws IOException {
        assertSame(merge("emr", "{task_index: 1}", "a {}", "b {}"), merge("emr", "{}", "a {}", "b {task: true}"));
        assertThatThrownBy(() -> merge("emr", "{task_index: 2}", "a {}", "b {}"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("is the place of no model");
    }

    /** An expert that is the base has no element of its own. */
    @Test
    void tasksWithoutChangesGetTheBase() throws IOException {
        Path twin = directory.resolve("twin");
        TestCheckpoint.write(twin, TestCheckpoint.read(directory.resolve("base")).values());
        Map<String, TestTensor> base = TestCheckpoint.read(directory.resolve("base"));
        assertSame(merge("emr", "{}", "a {}", "twin {task: true}"), base);
        assertSame(merge("tall_masks", "{}", "a {}", "twin {task: true}"), base);
    }

    @Test
    void densityCountsElementsOfTheModel() throws IOException {
        Path output = Files.createTempDirectory(directory, "out");
        String yaml = Merges.yaml("mag_masking", "{density: 0.1}", "a {}", "b {density: 0.25}");
        ingot.merge(MergeRequest.ofYaml(yaml, "test", directory, output).asMasks());
        assertThat(kept(output, "a")).isEqualTo(2 * 211 * 100 / 10 + 1);
        assertThat(kept(output, "b")).isEqualTo(2 * 211 * 100 / 4 + 1);
    }

    private static int kept(Path masks, String task) throws IOException {
        int bits = 0;
        for (TestTensor tensor : TestCheckpoint.read(masks.resolve("mask-" + task + ".safetensors")).values()) {
            for (byte value : tensor.data()) {
                bits += Integer.bitCount(value & 0xff);
            }
        }
        return bits;
    }
}

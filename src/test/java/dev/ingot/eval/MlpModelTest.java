// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.ingot.error.CheckpointException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The references were computed by PyTorch in double precision from the stored weights and rounded to float; PyTorch's
 * own float32 differs from them by up to 7e-6.
 */
class MlpModelTest {
    private static final double TOLERANCE = 3e-5;

    @TempDir
    private Path temp;

    /** A model of odd sizes: 13 inputs, width 7, 2 blocks of 11, 5 vectors. */
    @ParameterizedTest
    @ValueSource(strings = {"f32", "f16", "bf16"})
    void smallModelOfEachType(String type) {
        MlpModel model = MlpModel.load(Fixtures.vision("small_" + type + ".safetensors"));
        assertThat(model.inputs()).isEqualTo(13);
        assertThat(model.width()).isEqualTo(7);
        try (TensorSource reference = TensorSource.open(Fixtures.vision("small_" + type + "_reference.safetensors"))) {
            float[][] features = model.features(rows(reference.floats("input", 5, 13), 5));
            assertClose(features, reference.floats("features", 5, 7));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"fashion", "greek", "kana", "mnist"})
    void exampleModels(String name) {
        VisionTask task = VisionTask.load(Fixtures.EXAMPLES, name);
        MlpModel base = MlpModel.load(Fixtures.EXAMPLES.resolve("base"));
        MlpModel expert = MlpModel.load(Fixtures.EXAMPLES.resolve("expert_" + name));
        float[][] images = task.images(0, 4);
        try (TensorSource reference = TensorSource.open(Fixtures.vision("forward.safetensors"))) {
            float[][] features = base.features(images);
            assertClose(features, reference.floats(name + ".base_features", 4, 192));
            assertClose(task.logits(features), reference.floats(name + ".base_logits", 4, task.classes()));
            assertClose(task.logits(expert.features(images)),
                    reference.floats(name + ".expert_logits", 4, task.classes()));
        }
    }

    @Test
    void batchSizeDoesNotChangeABit() {
        VisionTask task = VisionTask.load(Fixtures.EXAMPLES, "mnist");
        MlpModel model = MlpModel.load(Fixtures.EXAMPLES.resolve("base"));
        float[][] together = model.features(task.images(0, 7));
        for (int i = 0; i < together.length; i++) {
            assertThat(model.features(task.images(i, i + 1))[0]).isEqualTo(together[i]);
        }
    }

    @Test
    void missingTensorIsNamed() throws IOException {
        Path broken = copyWith("norm.weight\":", "nrom.weight\":");
        assertThatThrownBy(() -> MlpModel.load(broken)).isInstanceOf(CheckpointException.class)
                .hasMessageContaining(broken.toString()).hasMessageContaining("'norm.weight'");
    }

    @Test
    void shapeThatDoesNotFitIsNamed() throws IOException {
        Path broken = copyWith("\"shape\":[7,11]", "\"shape\":[11,7]");
        assertThatThrownBy(() -> MlpModel.load(broken)).isInstanceOf(CheckpointException.class)
                .hasMessageContaining("fc2.weight' is F32 [11, 7], expected shape [7, 11]");
    }

    @Test
    void typeThatIsNoFloatIsNamed() throws IOException {
        Path broken = copyWith("\"F32\"", "\"I32\"");
        assertThatThrownBy(() -> MlpModel.load(broken)).isInstanceOf(CheckpointException.class)
                .hasMessageContaining("is I32").hasMessageContaining("expected F32, F16 or BF16");
    }

    /** The small F32 model with a part of its header replaced by one of the same length. */
    private Path copyWith(String part, String replacement) throws IOException {
        String bytes = new String(Files.readAllBytes(Fixtures.vision("small_f32.safetensors")),
                StandardCharsets.ISO_8859_1);
        assertThat(bytes).contains(part);
        return Files.write(temp.resolve("model.safetensors"),
                bytes.replace(part, replacement).getBytes(StandardCharsets.ISO_8859_1));
    }

    private static float[][] rows(float[] values, int count) {
        int length = values.length / count;
        float[][] rows = new float[count][length];
        for (int i = 0; i < count; i++) {
            System.arraycopy(values, i * length, rows[i], 0, length);
        }
        return rows;
    }

    private static void assertClose(float[][] found, float[] expected) {
        float[][] rows = rows(expected, found.length);
        for (int i = 0; i < found.length; i++) {
            assertThat(found[i]).as("row %s", i).hasSize(rows[i].length).containsExactly(rows[i],
                    within((float) TOLERANCE));
        }
    }
}

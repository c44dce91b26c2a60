// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ingot.error.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VisionTaskTest {
    @TempDir
    private Path temp;

    @Test
    void pixelsAreScaledToOne() {
        float[][] images = VisionTask.load(Fixtures.EXAMPLES, "mnist").images(398, 400);
        assertThat(images).hasDimensions(2, 784);
        for (float[] image : images) {
            assertThat(image).contains(0f);
            float max = 0;
            for (float pixel : image) {
                assertThat(pixel).isBetween(0f, 1f);
                max = Math.max(max, pixel);
            }
            assertThat(max).isGreaterThan(0.9f);
        }
    }

    @Test
    void labelBeyondTheHeadIsRefused() throws IOException {
        Files.createDirectories(temp.resolve("data"));
        Files.createDirectories(temp.resolve("heads"));
        Path data = temp.resolve("data/mixed.safetensors");
        Files.copy(Fixtures.EXAMPLES.resolve("data/kana.safetensors"), data);
        Files.copy(Fixtures.EXAMPLES.resolve("heads/mnist.safetensors"), temp.resolve("heads/mixed.safetensors"));
        assertThatThrownBy(() -> VisionTask.load(temp, "mixed")).isInstanceOf(CheckpointException.class)
                .hasMessageContaining(data.toString()).hasMessageContaining("is not within the 10 classes");
    }

    @Test
    void modelOfAnotherFamilyIsRefused() {
        MlpModel small = MlpModel.load(Fixtures.vision("small_f32.safetensors"));
        VisionTask task = VisionTask.load(Fixtures.EXAMPLES, "mnist");
        assertThatThrownBy(() -> Accuracy.percent(small, task)).isInstanceOf(CheckpointException.class)
                .hasMessageContaining("mnist").hasMessageContaining("784").hasMessageContaining("13");
    }
}

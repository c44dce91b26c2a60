// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ingot.checkpoint.Checkpoint;
import dev.ingot.checkpoint.Dtype;
import dev.ingot.checkpoint.TensorSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The committed example family is whole, small, and as good as the models that it was made from. */
class VisionExamplesTest {
    private static final long MAX_BYTES = 15_000_000;
    private static final Pattern MODEL = Pattern.compile("(?:model|base_model): (\\S+)");

    @Test
    void isSmallEnoughForGit() throws IOException {
        try (Stream<Path> files = Files.walk(Fixtures.EXAMPLES)) {
            long bytes = files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
            assertThat(bytes).isBetween(14_000_000L, MAX_BYTES);
        }
    }

    /** The last column is the expert's accuracy on all 1000 test images of the float32 original. */
    @ParameterizedTest
    @CsvSource({"mnist, 10, 97.8", "fashion, 10, 87.8", "greek, 24, 96.2", "kana, 46, 96.2"})
    void dataIsWholeAndExpertIsGood(String name, int classes, double original) {
        VisionTask task = VisionTask.load(Fixtures.EXAMPLES, name);
        assertThat(task.size()).isEqualTo(400);
        assertThat(task.pixels()).isEqualTo(28 * 28);
        assertThat(task.classes()).isEqualTo(classes);
        boolean[] seen = new boolean[classes];
        for (int i = 0; i < task.size(); i++) {
            seen[task.label(i)] = true;
        }
        assertThat(seen).doesNotContain(false);

        MlpModel expert = MlpModel.load(Fixtures.EXAMPLES.resolve("expert_" + name));
        assertThat(Accuracy.percent(expert, task)).isGreaterThanOrEqualTo(original - 2);
    }

    @ParameterizedTest
    @CsvSource({"mnist, 10", "fashion, 10", "greek, 24", "kana, 46"})
    void calibrationImagesAreLabelledAndNotAmongTheTestImages(String name, int classes) {
        try (TensorSource data = TensorSource.open(Fixtures.EXAMPLES.resolve("data/" + name + ".safetensors"))) {
            assertThat(Arrays.stream(data.longs("calib_labels", 64))).allMatch(label -> label >= 0 && label < classes);
            List<String> tests = rows(data.bytes("images", 400, 784));
            List<String> calibration = rows(data.bytes("calib_labeled_images", 64, 784));
            assertThat(calibration).hasSize(64).doesNotContainAnyElementsOf(tests);
        }
    }

    @Test
    void modelsAreOneFamilyInBf16() {
        List<TensorSpec> base = specs("base");
        assertThat(base).hasSize(28).allMatch(tensor -> tensor.dtype() == Dtype.BF16);
        for (String expert : List.of("mnist", "fashion", "greek", "kana")) {
            assertThat(specs("expert_" + expert)).isEqualTo(base);
        }
    }

    @Test
    void mergesSayWhatTheyDoAndNameModelsThatExist() throws IOException {
        try (Stream<Path> files = Files.list(Fixtures.EXAMPLES.resolve("merges"))) {
            List<Path> merges = files.sorted().toList();
            assertThat(merges).extracting(file -> file.getFileName().toString()).containsExactly("dare_linear.yml",
                    "dare_ties.yml", "linear.yml", "slerp.yml", "task_arithmetic.yml", "ties.yml");
            for (Path merge : merges) {
                List<String> lines = Files.readAllLines(merge);
                assertThat(lines.get(1)).as("%s", merge).startsWith("# ").endsWith(".");
                assertThat(lines).contains("merge_method: " + merge.getFileName().toString().replace(".yml", ""));
                List<String> models = MODEL.matcher(String.join("\n", lines)).results().map(m -> m.group(1)).toList();
                assertThat(models).isNotEmpty()
                        .allSatisfy(model -> assertThat(Fixtures.EXAMPLES.resolve(model)).isDirectory());
            }
        }
    }

    private static List<TensorSpec> specs(String model) {
        return Checkpoint.open(Fixtures.EXAMPLES.resolve(model)).tensors().values().stream()
                .map(tensor -> tensor.spec()).toList();
    }

    private static List<String> rows(byte[] images) {
        return Stream.iterate(0, at -> at < images.length, at -> at + 784)
                .map(at -> new String(images, at, 784, StandardCharsets.ISO_8859_1)).toList();
    }
}

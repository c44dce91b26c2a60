// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.ingot.error.ResourceException;
import dev.ingot.error.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VisionDemoTest {
    /** An accuracy is a multiple of a quarter: of 400 images, not one may fall another way than in PyTorch. */
    private static final double ROUNDING = 1e-9;

    @TempDir
    private Path temp;

    @Test
    void measuresWhatPyTorchMeasures() throws IOException {
        Path out = temp.resolve("made/on/demand");
        List<Path> outputs = new ArrayList<>();
        Merger baseIsTheMerge = (config, base, merged) -> {
            assertThat(config).isRegularFile();
            assertThat(merged.getParent()).isEqualTo(out).isDirectory();
            outputs.add(merged);
            return base.resolve("base");
        };

        DemoResult result = VisionDemo.run(Fixtures.EXAMPLES, out, baseIsTheMerge);

        Map<String, double[]> expected = torchAccuracies();
        assertThat(result.tasks()).containsExactly("fashion", "greek", "kana", "mnist");
        assertThat(result.testImages()).isEqualTo(1600);
        assertAccuracies(result.base(), expected.get("base"));
        assertAccuracies(result.experts(), expected.get("experts"));
        assertThat(result.normalised(result.experts())).isCloseTo(100, within(1e-9));
        assertThat(result.merges()).extracting(DemoResult.Row::name).containsExactly("dare_linear", "dare_ties",
                "linear", "slerp", "task_arithmetic", "ties");
        assertThat(outputs).extracting(path -> path.getFileName().toString())
                .containsExactlyElementsOf(result.merges().stream().map(DemoResult.Row::name).toList());
        assertThat(result.merges()).allSatisfy(row -> {
            assertThat(row.accuracies()).isEqualTo(result.base().accuracies());
            assertThat(row.seconds()).isPresent();
        });
    }

    @Test
    void folderWithoutExamplesIsAUsageError() {
        assertThatThrownBy(() -> VisionDemo.run(temp, temp.resolve("out"), (config, base, out) -> out))
                .isInstanceOf(UsageException.class).hasMessageContaining(temp.resolve("data").toString());
        assertThat(temp.resolve("out")).doesNotExist();
    }

    @Test
    void folderWithoutMergesIsAUsageError() throws IOException {
        Files.createDirectories(temp.resolve("merges"));
        Files.createDirectories(temp.resolve("data"));
        Files.createFile(temp.resolve("data/any.safetensors"));
        assertThatThrownBy(() -> VisionDemo.run(temp, temp.resolve("out"), (config, base, out) -> out))
                .isInstanceOf(UsageException.class).hasMessageContaining("*.yml");
    }

    @Test
    void outputThatIsAFileIsAResourceError() throws IOException {
        Path file = Files.createFile(temp.resolve("file"));
        assertThatThrownBy(() -> VisionDemo.run(Fixtures.EXAMPLES, file, (config, base, out) -> out))
                .isInstanceOf(ResourceException.class).hasMessageContaining(file.toString());
    }

    private static void assertAccuracies(DemoResult.Row row, double[] expected) {
        for (int i = 0; i < expected.length; i++) {
            assertThat(row.accuracies().get(i)).as("%s, task %s", row.name(), i)
                    .isCloseTo(expected[i], within(ROUNDING));
        }
    }

    private static Map<String, double[]> torchAccuracies() throws IOException {
        return Files.readAllLines(Fixtures.vision("accuracy.tsv")).stream()
                .filter(line -> !line.startsWith("#") && !line.startsWith("model"))
                .map(line -> line.split("\t"))
                .collect(Collectors.toMap(cells -> cells[0],
                        cells -> Arrays.stream(cells).skip(1).mapToDouble(Double::parseDouble).toArray()));
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.checkpoint.Shape;
import dev.ingot.fixture.TestCheckpoint;
import dev.ingot.fixture.TestTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The configurations of {@code docs/methods/weights.md} run, with models of the names that they give. */
class WeightsPageTest {
    private static final Path PAGE = Path.of("docs/methods/weights.md");
    private static final Pattern YAML = Pattern.compile("(?ms)^```yaml\\n(.*?)^```$");
    private static final Pattern MODEL = Pattern.compile("(?:base_model|model): ([\\w.-]+)");
    private static final Pattern METHOD = Pattern.compile("merge_method: (\\w+)");

    @TempDir
    private Path directory;

    private static List<String> configurations() {
        return YAML.matcher(RepositoryFiles.text(PAGE)).results().map(match -> match.group(1)).toList();
    }

    private void writeModels(String yaml) throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        for (String name : MODEL.matcher(yaml).results().map(match -> match.group(1)).distinct().toList()) {
            TestCheckpoint.write(
                    directory.resolve(name),
                    Stream.of("model.embed_tokens.weight", "model.layers.0.mlp.up_proj.weight", "model.norm.weight")
                            .map(tensor -> tensor(tensor, random))
                            .toList());
        }
    }

    private static TestTensor tensor(String name, SplittableRandom random) {
        float[] values = new float[20];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        return TestTensor.of(name, Dtype.F32, name.contains("norm") ? Shape.of(20) : Shape.of(5, 4), values);
    }

    @TestFactory
    Stream<DynamicTest> everyConfigurationRuns() {
        return configurations().stream().map(yaml -> DynamicTest.dynamicTest(yaml.lines().findFirst().orElseThrow(), () -> {
            writeModels(yaml);
            Path output = Files.createTempDirectory(directory, "out");
            Path merged = Ingot.create().merge(MergeRequest.ofYaml(yaml, "page", directory, output)).output();
            assertThat(TestCheckpoint.read(merged)).hasSize(3);
        }));
    }

    @Test
    void everyMethodHasAConfiguration() {
        Set<String> methods = new TreeSet<>();
        configurations().forEach(yaml -> METHOD.matcher(yaml).results().map(match -> match.group(1)).forEach(methods::add));
        assertThat(methods)
                .contains(
                        "task_arithmetic", "analogy", "add_difference", "varm", "sce_fusechat", "model_stock", "widen", "mwa");
    }
}

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

/** The configurations of the pages below {@code docs/methods} run, with models of the names that they give. */
class MethodPagesTest {
    private static final Path PAGES = Path.of("docs/methods");
    private static final Pattern YAML = Pattern.compile("(?ms)^```yaml\\n(.*?)^```$");
    private static final Pattern MODEL = Pattern.compile("(?:base_model|model|mask|draws): ([\\w.-]+)");
    private static final Pattern METHOD = Pattern.compile("merge_method: (\\w+)");

    @TempDir
    private Path directory;

    private static List<String> configurations() {
        return RepositoryFiles.matching(path -> path.startsWith(PAGES)).stream()
                .flatMap(page -> YAML.matcher(RepositoryFiles.text(page)).results())
                .map(match -> match.group(1))
                .toList();
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
            Path file = Files.writeString(directory.resolve("merge.yml"), yaml);
            Path output = Files.createTempDirectory(directory, "out");
            Ingot ingot = Ingot.create();
            MergeSequence sequence = MergeSequence.of(file, output);
            for (MergeSequence.Stage stage : sequence.stages()) {
                ingot.merge(stage.request());
            }
            sequence.removeIntermediates();
            assertThat(TestCheckpoint.read(output)).hasSize(3);
        }));
    }

    /** What is not on {@code docs/mergekit.md} is explained on a page of its own. */
    @Test
    void everyMethodHasAConfiguration() {
        Set<String> methods = new TreeSet<>();
        configurations().forEach(yaml -> METHOD.matcher(yaml).results().map(match -> match.group(1)).forEach(methods::add));
        String mergekit = RepositoryFiles.text(Path.of("docs/mergekit.md"));
        assertThat(methods)
                .containsAll(Ingot.create().methods().stream()
                        .map(MethodInfo::name)
                        .filter(name -> !mergekit.contains("`" + name + "`"))
                        .filter(name -> !name.equals("task_vectors"))
                        .toList());
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.checkpoint.Shape;
import dev.ingot.fixture.Merges;
import dev.ingot.fixture.SameTensors;
import dev.ingot.fixture.TestCheckpoint;
import dev.ingot.fixture.TestTensor;
import dev.ingot.linalg.LinearAlgebra;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** WUDI-Merging, OptMerge and the closed forms: against the definition in float64, against each other, and at their limits. */
class OptimisationPropertiesTest {
    private static final String[] EXPERTS = {"a {}", "b {}", "c {}"};

    /** Matrices for which the curvature is made as t t^T, as t^T t, and not at all. */
    private static final List<Shape> SHAPES = List.of(Shape.of(14, 5), Shape.of(9, 12), Shape.of(3, 40), Shape.of(300, 4));

    @TempDir
    private static Path directory;

    private final Ingot ingot = Ingot.create();

    @BeforeAll
    static void writeModels() throws IOException {
        SplittableRandom random = new SplittableRandom(11);
        Map<String, List<TestTensor>> models = new LinkedHashMap<>();
        for (String model : List.of("base", "a", "b", "c")) {
            List<TestTensor> tensors = new ArrayList<>();
            for (int i = 0; i < SHAPES.size(); i++) {
                float[] values = new float[(int) SHAPES.get(i).elements()];
                for (int j = 0; j < values.length; j++) {
                    values[j] = (float) (random.nextDouble() - 0.5);
                }
                tensors.add(TestTensor.of("model.layers." + i + ".mlp.weight", Dtype.F32, SHAPES.get(i), values));
            }
            models.put(model, tensors);
        }
        Merges.models(directory, models);
    }

    @BeforeEach
    void requireLinearAlgebra() {
        assumeTrue(LinearAlgebra.refusal().isEmpty(), () -> LinearAlgebra.refusal().orElseThrow());
    }

    private Map<String, TestTensor> merge(String method, String parameters, String... models) throws IOException {
        Path output = Files.createTempDirectory(directory, "out");
        String yaml = Merges.yaml(method, parameters, models);
        return TestCheckpoint.read(ingot.merge(MergeRequest.ofYaml(yaml, "test", directory, output)).output());
    }

    /** Gradient descent as the paper's loss says, without C and D. */
    private static double[] descend(String name, Shape shape, boolean squared, int steps, double rate) throws IOException {
        int rows = (int) shape.dim(0);
        int cols = (int) shape.dim(1);
        double[] base = TestCheckpoint.read(directory.resolve("base")).get(name).values();
        List<double[]> tasks = new ArrayList<>();
        double[] x = new double[base.length];
        for (String model : List.of("a", "b", "c")) {
            double[] task = TestCheckpoint.read(directory.resolve(model)).get(name).values();
            for (int i = 0; i < task.length; i++) {
                task[i] -= base[i];
                x[i] += task[i];
            }
            tasks.add(task);
        }
        for (int step = 0; step < steps; step++) {
            double[] gradient = new double[x.length];
            for (double[] t : tasks) {
                double norm = Arrays.stream(t).map(v -> v * v).sum();
                double weight = 1 / (squared ? norm : Math.sqrt(norm));
                for (int i = 0; i < rows; i++) {
                    for (int k = 0; k < rows; k++) {
                        double disturbed = 0;
                        for (int j = 0; j < cols; j++) {
                            disturbed += (x[i * cols + j] - t[i * cols + j]) * t[k * cols + j];
                        }
                        for (int j = 0; j < cols; j++) {
                            gradient[i * cols + j] += 2 * weight * disturbed * t[k * cols + j];
                        }
                    }
                }
            }
            for (int i = 0; i < x.length; i++) {
                x[i] -= rate * gradient[i];
            }
        }
        for (int i = 0; i < x.length; i++) {
            x[i] += base[i];
        }
        return x;
    }

    @ParameterizedTest
    @ValueSource(strings = {"squared", "plain"})
    void stepsGoDownTheLossOfThePaper(String norm) throws IOException {
        Map<String, TestTensor> merged =
                merge("wudi", "{optimiser: sgd, steps: 4, learning_rate: 0.03, norm: " + norm + "}", EXPERTS);
        for (int i = 0; i < SHAPES.size(); i++) {
            String name = "model.layers." + i + ".mlp.weight";
            double[] expected = descend(name, SHAPES.get(i), norm.equals("squared"), 4, 0.03);
            assertThat(merged.get(name).values()).as(name).containsExactly(expected, within(1e-5));
        }
    }

    @Test
    void manySmallStepsAreTheExponentialFilter() throws IOException {
        SameTensors.assertNear(
                merge("wudi", "{optimiser: sgd, steps: 1000, learning_rate: 0.01}", EXPERTS),
                merge("iwudi", "{exp_time: 20}", EXPERTS),
                2e-3);
        SameTensors.assertNear(
                merge("wudi", "{optimiser: sgd, steps: 1000, learning_rate: 0.01, start: zero}", EXPERTS),
                merge("iwudi", "{exp_time: 20, start: zero}", EXPERTS),
                2e-3);
    }

    @Test
    void methodsMeetWhereTheirSettingsAreTheSame() throws IOException {
        SameTensors.assertNear(
                merge("optmerge", "{form: sgd, rank_ratio: 1, steps: 20, learning_rate: 0.01}", EXPERTS),
                merge("wudi", "{optimiser: sgd, momentum: 0.9, start: mean, steps: 20, learning_rate: 0.01}", EXPERTS),
                1e-5);
        SameTensors.assertNear(
                merge("optmerge", "{rank_ratio: 1, steps: 5, learning_rate: 0.001}", EXPERTS),
                merge("wudi", "{steps: 5, learning_rate: 0.001}", EXPERTS),
                5e-5);
        SameTensors.assertNear(
                merge("swudi", "{truncate_rank_ratio: 1, exp_time: 300}", EXPERTS), merge("iwudi", "{}", EXPERTS), 1e-7);
    }

    @Test
    void withoutStepsTheStartIsLeft() throws IOException {
        Map<String, TestTensor> sum = merge("task_arithmetic", "{weight: 1}", EXPERTS);
        SameTensors.assertNear(merge("wudi", "{steps: 0}", EXPERTS), sum, 1e-6);
        SameTensors.assertNear(merge("iwudi", "{exp_time: 1.0e-9}", EXPERTS), sum, 1e-6);
        SameTensors.assertNear(
                merge("wudi", "{steps: 0, start: mean}", EXPERTS),
                merge("task_arithmetic", "{weight: 1, lambda: 0.3333333}", EXPERTS),
                1e-6);
        SameTensors.assertNear(
                merge("wudi", "{steps: 5, scale: 0}", EXPERTS), TestCheckpoint.read(directory.resolve("base")), 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"wudi {optimiser: sgd}", "iwudi {}", "iwudi {filter_type: none, start: zero}", "swudi {}", "aswudi {}",
        "optmerge {form: sgd, rank_ratio: 1}"})
    void oneExpertIsLeftAlone(String text) throws IOException {
        String[] parts = text.split(" ", 2);
        SameTensors.assertNear(merge(parts[0], parts[1], "a {}"), TestCheckpoint.read(directory.resolve("a")), 2e-6);
    }

    @ParameterizedTest
    @ValueSource(strings = {"wudi {learning_rate: 0.001, steps: 10}", "iwudi {}", "swudi {}", "aswudi {}",
        "optmerge {learning_rate: 0.001, steps: 10}", "optmerge {form: sgd}"})
    void theOrderOfExpertsDoesNotMatter(String text) throws IOException {
        String[] parts = text.split(" ", 2);
        SameTensors.assertNear(
                merge(parts[0], parts[1], "c {}", "a {}", "b {}"), merge(parts[0], parts[1], EXPERTS), 5e-5);
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import static dev.ingot.fixture.SameTensors.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.error.ConfigException;
import dev.ingot.fixture.Merges;
import dev.ingot.fixture.TestCheckpoint;
import dev.ingot.fixture.TestFamily;
import dev.ingot.fixture.TestTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What must hold of DARE, DELLA and Breadcrumbs whatever the numbers are. */
class ThinningPropertiesTest {
    private static final String[] TWO = {"a {weight: 0.7}", "c {weight: -0.4}"};

    @TempDir
    private static Path directory;

    private final Ingot ingot = Ingot.create();

    @BeforeAll
    static void writeModels() throws IOException {
        TestFamily.uniform(directory, Dtype.F32, 2, 211, 100);
        for (String model : List.of("base", "a", "c")) {
            List<TestTensor> tensors =
                    new ArrayList<>(TestCheckpoint.read(directory.resolve(model)).values());
            float[] vector = new float[500];
            for (int i = 0; i < vector.length; i++) {
                vector[i] = (float) tensors.getFirst().values()[i];
            }
            tensors.add(TestTensor.vector("model.norm.weight", Dtype.F32, vector));
            TestCheckpoint.write(directory.resolve(model), tensors);
        }
    }

    private Map<String, TestTensor> merge(String method, String parameters, String... models) throws IOException {
        return run(Merges.yaml(method, parameters, models));
    }

    private Map<String, TestTensor> run(String yaml) throws IOException {
        Path output = Files.createTempDirectory(directory, "out");
        return TestCheckpoint.read(ingot.merge(MergeRequest.ofYaml(yaml, "test", directory, output)).output());
    }

    /** Each element of the task vector a - base. */
    private static double[] delta(String name) throws IOException {
        double[] base = TestCheckpoint.read(directory.resolve("base")).get(name).values();
        double[] model = TestCheckpoint.read(directory.resolve("a")).get(name).values();
        for (int i = 0; i < base.length; i++) {
            model[i] = (float) (model[i] - base[i]);
        }
        return model;
    }

    private static boolean[] changed(String name, TestTensor merged) throws IOException {
        double[] base = TestCheckpoint.read(directory.resolve("base")).get(name).values();
        double[] values = merged.values();
        boolean[] changed = new boolean[base.length];
        for (int i = 0; i < base.length; i++) {
            changed[i] = values[i] != base[i];
        }
        return changed;
    }

    @Test
    void whatDropsNothingIsTaskArithmetic() throws IOException {
        Map<String, TestTensor> sum = merge("task_arithmetic", "{}", TWO);
        assertSame(merge("dare", "{density: 1}", TWO), sum);
        assertSame(merge("dare", "{mask_rate: 0, then: magnitude, then_density: 1}", TWO), sum);
        assertSame(merge("breadcrumbs_rows", "{beta: 1, gamma: 0, lambda: 1}", TWO), sum);
        assertSame(merge("della_magprune", "{density: 1}", TWO), merge("ties", "{}", TWO));
        assertSame(merge("task_vectors", "{sparsify: magnitude, scope: row}", TWO), sum);
        assertSame(merge("task_vectors", "{sparsify: outliers, small_rate: 0}", TWO), sum);
    }

    @Test
    void whatDropsAllIsTheBase() throws IOException {
        Map<String, TestTensor> base = TestCheckpoint.read(directory.resolve("base"));
        assertSame(merge("dare", "{mask_rate: 1}", TWO), base);
        assertSame(merge("breadcrumbs_rows", "{beta: 0}", TWO), base);
        assertSame(merge("breadcrumbs_rows", "{beta: 0.1, gamma: 0.2, remove_first: false}", TWO), base);
    }

    /** The kernel compares all bits of a random word, formulas some of them. */
    @ParameterizedTest
    @ValueSource(doubles = {0.1, 0.37, 0.5, 0.99999997})
    void kernelAndFormulaDropTheSame(double density) throws IOException {
        String[] one = {"a {weight: 0.7}"};
        String parameters = "{density: " + density + ", lambda: 0.9, combine: ";
        Map<String, TestTensor> kernel = merge("dare", parameters + "sum}", one);
        assertSame(merge("dare", parameters + "last_magnitude}", one), kernel);
    }

    @Test
    void survivorsAreDividedByTheirProbability() throws IOException {
        Map<String, TestTensor> plain = merge("dare", "{density: 0.25, rescale: none}", "a {weight: 1}");
        Map<String, TestTensor> rescaled = merge("dare", "{density: 0.25}", "a {weight: 0.25}");
        assertSame(rescaled, plain);
        int kept = 0;
        int all = 0;
        for (String name : plain.keySet()) {
            for (boolean changed : changed(name, plain.get(name))) {
                kept += changed ? 1 : 0;
                all++;
            }
        }
        assertThat((double) kept / all).isCloseTo(0.25, within(0.01));
    }

    @Test
    void recordedMaskRepeatsARun() throws IOException {
        List<String> methods = List.of(
                "dare {density: 0.4, rescale: none", "della_magprune {density: 0.4, epsilon: 0.3, rescale: none");
        for (String method : methods) {
            String[] parts = method.split(" ", 2);
            Map<String, TestTensor> drawn = merge(parts[0], parts[1] + ", lambda: 1}", "a {weight: 1}");
            List<TestTensor> masks = new ArrayList<>();
            for (TestTensor tensor : drawn.values()) {
                boolean[] changed = changed(tensor.name(), tensor);
                float[] mask = new float[changed.length];
                for (int i = 0; i < mask.length; i++) {
                    mask[i] = changed[i] ? 1 : 0;
                }
                masks.add(TestTensor.of(tensor.name(), Dtype.F32, tensor.shape(), mask));
            }
            TestCheckpoint.write(directory.resolve("mask"), masks);
            String rescaled = parts[1].replace("none", "expectation") + ", lambda: 1}";
            String yaml = Merges.yaml(parts[0], rescaled, "a {weight: 1}");
            assertSame(run(yaml.replace("model: a,", "model: a, mask: mask,")), run(yaml));
        }
    }

    @Test
    void rowsKeepTheirLargest() throws IOException {
        Map<String, TestTensor> merged =
                merge("task_vectors", "{sparsify: magnitude, scope: row, density: 0.3}", "a {weight: 1}");
        for (TestTensor tensor : merged.values()) {
            assertBand(tensor, 0, 0.3);
        }
    }

    @Test
    void breadcrumbsKeepABandOfEachRow() throws IOException {
        Map<String, TestTensor> first = merge("breadcrumbs_rows", "{beta: 0.2, gamma: 0.1}", "a {weight: 1}");
        Map<String, TestTensor> last =
                merge("breadcrumbs_rows", "{beta: 0.3, gamma: 0.1, remove_first: false}", "a {weight: 1}");
        for (String name : first.keySet()) {
            assertBand(first.get(name), 0.1, 0.3);
        }
        for (String name : last.keySet()) {
            assertBand(last.get(name), 0.1, 0.3);
        }
        assertThat(first).isNotEmpty();
    }

    /** Of each row the elements stay that have these ranks by magnitude; of equal elements the first is larger. */
    private static void assertBand(TestTensor merged, double removed, double before) throws IOException {
        double[] delta = delta(merged.name());
        boolean[] changed = changed(merged.name(), merged);
        int rank = merged.shape().rank();
        int row = rank < 2 ? delta.length : (int) merged.shape().dim(rank - 1);
        for (int start = 0; start < delta.length; start += row) {
            for (int i = start; i < start + row; i++) {
                int larger = 0;
                for (int j = start; j < start + row; j++) {
                    double difference = Math.abs(delta[j]) - Math.abs(delta[i]);
                    larger += difference > 0 || difference == 0 && j < i ? 1 : 0;
                }
                boolean inside = larger >= (int) (row * removed) && larger < (int) (row * before);
                assertThat(changed[i]).as(merged.name() + " " + i).isEqualTo(inside && delta[i] != 0);
            }
        }
    }

    /** A vector is one row, so both rankings are the same there. */
    @Test
    void ranksOfVectorsAreThoseOfTensors() throws IOException {
        Map<String, TestTensor> rows = merge("della_magprune", "{density: 0.5, epsilon: 0.4}", TWO);
        Map<String, TestTensor> tensors =
                merge("della_magprune", "{density: 0.5, epsilon: 0.4, probability: tensor_rank}", TWO);
        int vectors = 0;
        int different = 0;
        for (TestTensor tensor : rows.values()) {
            boolean same = Arrays.equals(tensor.data(), tensors.get(tensor.name()).data());
            vectors += tensor.shape().rank() == 1 && same ? 1 : 0;
            assertThat(tensor.shape().rank() > 1 || same).as(tensor.name()).isTrue();
            different += same ? 0 : 1;
        }
        assertThat(vectors).isPositive();
        assertThat(different).isPositive();
    }

    /** Nothing that is left sums to zero in these models, so that no vote matters. */
    @ParameterizedTest
    @ValueSource(strings = {
        "sparsify: random, density: 0.4",
        "sparsify: ranked, density: 0.4, epsilon: 0.2",
        "sparsify: ranked, density: 0.4, epsilon: 0.2, probability: row_magnitude",
        "sparsify: magnitude, scope: row, density: 0.3",
        "sparsify: outliers, scope: row, beta: 0.3, gamma: 0.1",
        "sparsify: outliers, density: 0.5, small_rate: 0.4",
        "sparsify: random, then: magnitude, then_density: 0.2",
        "sparsify: random, then: magnitude, then_density: 0.2, scope: row"
    })
    void votesReadTheSameThinnedVectors(String thinning) throws IOException {
        String rest = ", elect: mass, combine: disjoint_mean, zero_sign: ";
        Map<String, TestTensor> positive = merge("task_vectors", "{" + thinning + rest + "positive}", TWO);
        assertSame(merge("task_vectors", "{" + thinning + rest + "tensor_majority}", TWO), positive);
        assertSame(merge("task_vectors", "{" + thinning + rest + "majority}", TWO), positive);
    }

    /** Without dropping, trimming afterwards is trimming. */
    @ParameterizedTest
    @ValueSource(strings = {"row", "tensor", "model"})
    void trimmingAfterDroppingNothingIsTrimming(String scope) throws IOException {
        String boundary = ", boundary: at_least, scope: " + scope + "}";
        assertSame(
                merge("dare", "{density: 1, then: magnitude, then_density: 0.2" + boundary, TWO),
                merge("dare", "{sparsify: magnitude, density: 0.2" + boundary, TWO));
    }

    @Test
    void whatDoesNotGoTogetherIsRefused() {
        assertThatThrownBy(() -> merge("task_vectors", "{sparsify: outliers, scope: model}", TWO))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("scope: model");
        assertThatThrownBy(() -> merge("task_vectors", "{sparsify: ranked, density: 0.5, then: magnitude}", TWO))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("sparsify: random");
        assertThatThrownBy(() -> merge("della_magprune", "{density: 0.9, epsilon: 0.2}", TWO))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("outside (0, 1)");
    }
}

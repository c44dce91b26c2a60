// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import static dev.ingot.fixture.SameTensors.assertNear;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** What must hold of composed merges of task vectors, whatever the numbers are. */
class ComposedPropertiesTest {
    private static final List<String> DISJOINT = List.of("disjoint_sum", "disjoint_mean", "disjoint_max");
    private static final List<String> ELECTIONS = List.of("none", "mass", "normfrac", "normmass");

    @TempDir
    private static Path directory;

    private final Ingot ingot = Ingot.create();

    @BeforeAll
    static void writeModels() throws IOException {
        TestFamily.uniform(directory, Dtype.F32, 3, 211, 100);
    }

    private Map<String, TestTensor> merge(String method, String parameters, String... models) throws IOException {
        return run(Merges.yaml(method, parameters, models));
    }

    private Map<String, TestTensor> run(String yaml) throws IOException {
        Path output = Files.createTempDirectory(directory, "out");
        return TestCheckpoint.read(ingot.merge(MergeRequest.ofYaml(yaml, "test", directory, output)).output());
    }

    @Test
    void theNeutralChoiceIsTaskArithmetic() throws IOException {
        assertSame(
                merge("task_vectors", "{lambda: 0.7}", "a {weight: 0.5}", "b {weight: -1}", "c {}"),
                merge("task_arithmetic", "{lambda: 0.7}", "a {weight: 0.5}", "b {weight: -1}", "c {weight: 1}"));
    }

    @Test
    void theChoicesOfMergekitsTiesAreItsTies() throws IOException {
        assertSame(
                merge(
                        "task_vectors",
                        "{sparsify: magnitude, density: 0.3, elect: mass, combine: disjoint_mean}",
                        "a {weight: 0.5}", "b {}", "c {}"),
                merge("ties", "{density: 0.3}", "a {weight: 0.5}", "b {weight: 1}", "c {weight: 1}"));
    }

    @TestFactory
    Stream<DynamicTest> oneTaskVectorIsAddedHoweverSignsAreElected() {
        return ELECTIONS.stream().flatMap(elect -> Stream.concat(DISJOINT.stream(), Stream.of("sum", "mean", "median"))
                .map(combine -> DynamicTest.dynamicTest(elect + " " + combine, () -> assertNear(
                        merge("task_vectors", "{elect: " + elect + ", combine: " + combine + "}", "a {}"),
                        merge("task_arithmetic", "{}", "a {weight: 1}"),
                        0))));
    }

    @TestFactory
    Stream<DynamicTest> theOrderOfModelsDoesNotMatter() {
        return Stream.of("ties_merging", "magmax", "lines", "localize_and_stitch")
                .map(method -> DynamicTest.dynamicTest(method, () -> assertNear(
                        merge(method, "{}", "a {}", "b {}", "c {}"), merge(method, "{}", "c {}", "a {}", "b {}"), 1e-6)));
    }

    @TestFactory
    Stream<DynamicTest> nothingIsTrimmedAtDensityOne() {
        return Stream.of("tensor", "model").map(scope -> DynamicTest.dynamicTest(scope, () -> assertSame(
                merge("task_vectors", "{sparsify: magnitude, density: 1, scope: " + scope + "}", "a {}", "b {}"),
                merge("task_vectors", "{}", "a {}", "b {}"))));
    }

    @Test
    void allOfTheEnergyIsAllOfTheTaskVector() throws IOException {
        assertSame(
                merge("task_vectors", "{sparsify: energy, energy: 1}", "a {}", "b {}"),
                merge("task_vectors", "{sparsify: deviation, deviations: 0}", "a {}", "b {}"));
    }

    @Test
    void equalScalesOfAllLayersAreAFactor() throws IOException {
        assertSame(
                merge("lines", "{lines_alpha: 0.25, lines_beta: 0}", "a {}", "b {}"),
                merge("task_arithmetic", "{lambda: 0.25}", "a {weight: 1}", "b {weight: 1}"));
    }

    @Test
    void tensorsThatAreLeftOutStayTheBases() throws IOException {
        Map<String, TestTensor> merged =
                merge("ties_merging", "{include: [{filter: layers.1, value: false}, {value: true}]}", "a {}", "b {}");
        TestTensor base = TestCheckpoint.read(directory.resolve("base")).get("model.layers.1.weight");
        assertThat(merged.get(base.name()).data()).isEqualTo(base.data());
    }

    @Test
    void aThresholdOfTheModelNeedsOneDensity() {
        assertThatThrownBy(() -> merge(
                        "ties_merging", "{density: [{filter: layers.1, value: 0.5}, {value: 0.2}]}", "a {}", "b {}"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("density differs between tensors");
    }

    /** What is learnt of the model as a whole goes by choices that all tensors share; nothing is written if they differ. */
    @TestFactory
    Stream<DynamicTest> choicesOfTheModelAreRefusedWhereTheyDiffer() {
        return Stream.of(
                        "ties_merging {scope: [{filter: layers.0, value: tensor}, {value: model}]}",
                        "ties_merging {scale: [{filter: layers.1, value: lines}, {value: none}]}",
                        "ties_merging {elect: [{filter: layers.2, value: normfrac}, {value: mass}]}",
                        "task_vectors {sparsify: magnitude, scope: model, density: [{filter: layers.1, value: 0.5}, {value: 1}]}",
                        "della_magprune {probability: row_magnitude, density: 0.05, epsilon: 0.1}",
                        "task_vectors {sparsify: ranked, density: 0.05, epsilon: 0.1, elect: mass, zero_sign: majority}",
                        "task_vectors {sparsify: outliers, scope: model, elect: mass, zero_sign: majority}")
                .map(merge -> merge.split(" ", 2))
                .map(merge -> DynamicTest.dynamicTest(merge[0] + " " + merge[1], () -> {
                    Path output = directory.resolve("refused");
                    String yaml = Merges.yaml(merge[0], merge[1], "a {}", "b {}");
                    assertThatThrownBy(() -> ingot.merge(MergeRequest.ofYaml(yaml, "test", directory, output)))
                            .isInstanceOf(ConfigException.class);
                    assertThat(output).doesNotExist();
                }));
    }

    /** A mask that keeps everything has mean 1. */
    @Test
    void aMaskOfOnesIsNoMask() throws IOException {
        writeMask("ones", 1);
        assertSame(
                run(yamlWithMask("ones")), merge("task_arithmetic", "{}", "a {weight: 0.3}", "b {weight: 0.3}"));
    }

    @Test
    void aMaskIsDividedByItsMean() throws IOException {
        writeMask("halves", 0.5f);
        assertNear(
                run(yamlWithMask("halves")), merge("task_arithmetic", "{}", "a {weight: 0.3}", "b {weight: 0.3}"), 1e-6);
    }

    @Test
    void aMaskOfZerosLeavesTheBase() throws IOException {
        writeMask("zeros", 0);
        assertSame(run(yamlWithMask("zeros")), TestCheckpoint.read(directory.resolve("base")));
    }

    private static void writeMask(String name, float value) throws IOException {
        List<TestTensor> mask = new ArrayList<>();
        for (TestTensor tensor : TestCheckpoint.read(directory.resolve("base")).values()) {
            int elements = Math.toIntExact(tensor.shape().elements());
            mask.add(TestTensor.of(tensor.name(), Dtype.F32, tensor.shape(), Merges.constant(elements, value)));
        }
        TestCheckpoint.write(directory.resolve(name), mask);
    }

    private static String yamlWithMask(String mask) {
        return "merge_method: somf\nbase_model: base\nmodels:\n- {model: a, mask: " + mask + "}\n- {model: b, mask: "
                + mask + "}\nparameters: {weight: 0.3}\n";
    }

    @Test
    void frankOfEqualModelsIsTheModel() throws IOException {
        TestCheckpoint.write(directory.resolve("again"), TestCheckpoint.read(directory.resolve("a")).values());
        for (String parameters : List.of("{}", "{decay: 0.4}", "{prior: 0.1}")) {
            assertNear(
                    merge("frank", parameters, "a {}", "again {}"), TestCheckpoint.read(directory.resolve("a")), 1e-6);
        }
        assertNear(merge("frank", "{prior: 0}", "a {}", "b {}"), TestCheckpoint.read(directory.resolve("b")), 1e-6);
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import static dev.ingot.fixture.SameTensors.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.error.ConfigException;
import dev.ingot.fixture.Merges;
import dev.ingot.fixture.SameTensors;
import dev.ingot.fixture.TestCheckpoint;
import dev.ingot.fixture.TestFamily;
import dev.ingot.fixture.TestTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** What must hold of methods that weigh whole models, tensors or columns, whatever the numbers are. */
class WeightMethodPropertiesTest {
    private static final String METRICS = "models: [{model: a, parameters: {metric: %s}}, {model: b, parameters: {metric: %s}},"
            + " {model: c, parameters: {metric: %s}}]\n";

    @TempDir
    private static Path directory;

    private final Ingot ingot = Ingot.create();

    /** {@code same0} to {@code same2} are the base again; {@code a0} to {@code a2} are {@code a}. */
    @BeforeAll
    static void writeModels() throws IOException {
        TestFamily.uniform(directory, Dtype.F32, 2, 211, 100);
        for (int i = 0; i < 3; i++) {
            TestCheckpoint.write(directory.resolve("same" + i), TestCheckpoint.read(directory.resolve("base")).values());
            TestCheckpoint.write(directory.resolve("a" + i), TestCheckpoint.read(directory.resolve("a")).values());
        }
    }

    private Map<String, TestTensor> merge(String method, String parameters, String... models) throws IOException {
        return run(Merges.yaml(method, parameters, models));
    }

    private Map<String, TestTensor> run(String yaml) throws IOException {
        Path output = Files.createTempDirectory(directory, "out");
        return TestCheckpoint.read(ingot.merge(MergeRequest.ofYaml(yaml, "test", directory, output)).output());
    }

    private Map<String, TestTensor> average(String parameters, Object first, Object second, Object third) throws IOException {
        return run("merge_method: mwa\nparameters: " + parameters + "\n" + METRICS.formatted(first, second, third));
    }

    private Map<String, TestTensor> linear(String weights) throws IOException {
        return run("merge_method: linear\n" + METRICS.replace("metric", "weight").formatted((Object[]) weights.split(" ")));
    }

    private static void assertNear(Map<String, TestTensor> found, Map<String, TestTensor> expected) {
        SameTensors.assertNear(found, expected, 2e-6);
    }

    private static Map<String, TestTensor> model(String name) throws IOException {
        return TestCheckpoint.read(directory.resolve(name));
    }

    @Test
    void analogyWithNothingBetweenAAndBIsTaskArithmeticOfC() throws IOException {
        assertSame(
                merge("analogy", "{lambda: 0.7}", "a0 {}", "a1 {}", "c {}"),
                merge("task_arithmetic", "{weight: 1, lambda: 0.7}", "c {}"));
    }

    @Test
    void analogyIsASignedSumOfTaskVectors() throws IOException {
        assertSame(
                merge("analogy", "{lambda: 0.6}", "a {}", "b {}", "c {}"),
                merge("task_arithmetic", "{lambda: 0.6}", "a {weight: -1}", "b {weight: 1}", "c {weight: 1}"));
        assertThatThrownBy(() -> merge("analogy", "{}", "a {}", "b {}"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("exactly 3 models besides the base model, and 2 are given");
    }

    @Test
    void differenceIsAddedToTheBase() throws IOException {
        assertSame(merge("add_difference", "{alpha: 0}", "a {}", "b {}"), model("base"));
        assertSame(merge("add_difference", "{}", "a0 {}", "a1 {}"), model("base"));
        assertSame(
                merge("add_difference", "{alpha: 0.8}", "a {}", "b {}"),
                merge("add_difference", "{alpha: -0.8}", "b {}", "a {}"));
        assertNear(
                merge("add_difference", "{alpha: 0.8}", "same0 {}", "b {}"),
                merge("task_arithmetic", "{}", "b {weight: 0.8}"));
        assertNear(
                merge("add_difference", "{alpha: 0.8}", "a {}", "b {}"),
                merge("task_arithmetic", "{}", "a {weight: -0.8}", "b {weight: 0.8}"));
    }

    @TestFactory
    Stream<DynamicTest> equalExpertsGiveThatExpert() {
        return Stream.of(
                        "varm {}", "sce_fusechat {}", "sce_fusechat {select_topk: 0.1}", "model_stock {average_angles: true}",
                        "model_stock {average_angles: true, filter_wise: true}", "model_stock {plain_average: true}")
                .map(text -> DynamicTest.dynamicTest(text, () -> {
                    String[] parts = text.split(" ", 2);
                    assertNear(merge(parts[0], parts[1], "a0 {}", "a1 {}", "a2 {}"), model("a"));
                }));
    }

    @TestFactory
    Stream<DynamicTest> unchangedExpertsGiveTheBase() {
        return Stream.of(
                        "varm {}", "widen {}", "sce_fusechat {}", "sce_fusechat {select_topk: 0.1}", "analogy {}",
                        "model_stock {average_angles: true}")
                .map(text -> DynamicTest.dynamicTest(text, () -> {
                    String[] parts = text.split(" ", 2);
                    assertSame(merge(parts[0], parts[1], "same0 {}", "same1 {}", "same2 {}"), model("base"));
                }));
    }

    @TestFactory
    Stream<DynamicTest> orderOfExpertsMattersOnlyInTheLastDigit() {
        return Stream.of(
                        "varm {}", "widen {}", "widen {above_average_value_ratio: 1.3, score_calibration_value: 0.4}",
                        "sce_fusechat {}", "sce_fusechat {select_topk: 0.3}", "model_stock {average_angles: true}",
                        "model_stock {plain_average: true}", "mwa {metric: 3}")
                .map(text -> DynamicTest.dynamicTest(text, () -> {
                    String[] parts = text.split(" ", 2);
                    assertNear(
                            merge(parts[0], parts[1], "a {}", "b {}", "c {}"), merge(parts[0], parts[1], "c {}", "a {}", "b {}"));
                }));
    }

    @TestFactory
    Stream<DynamicTest> oneExpertIsTakenWhole() {
        return Stream.of("varm {}", "widen {}", "sce_fusechat {}", "sce_fusechat {select_topk: 0.1}")
                .map(text -> DynamicTest.dynamicTest(text, () -> {
                    String[] parts = text.split(" ", 2);
                    assertNear(merge(parts[0], parts[1], "a {}"), model("a"));
                }));
    }

    /** An expert that left the tensor alone has no share in it, and the others have the same as without it. */
    @Test
    void unchangedExpertHasNoWeightInVarm() throws IOException {
        assertSame(merge("varm", "{}", "a {}", "same0 {}", "b {}"), merge("varm", "{}", "a {}", "b {}"));
    }

    /** The models differ enough for neither threshold of mergekit's form to matter. */
    @Test
    void bothFormsOfSceAreTheSameWithoutSelection() throws IOException {
        assertNear(merge("sce_fusechat", "{}", "a {}", "b {}", "c {}"), merge("sce", "{}", "a {}", "b {}", "c {}"));
    }

    /** A share of 0 selects nothing, and leaves equal weights; mergekit's form would leave the base. */
    @Test
    void sceOfFuseChatMergesWhatIsNotSelected() throws IOException {
        Map<String, TestTensor> merged = merge("sce_fusechat", "{select_topk: 0}", "a {}", "b {}");
        for (String name : merged.keySet()) {
            double[] base = model("base").get(name).values();
            double[] first = model("a").get(name).values();
            double[] second = model("b").get(name).values();
            double[] expected = new double[base.length];
            for (int i = 0; i < base.length; i++) {
                double x = first[i] - base[i];
                double y = second[i] - base[i];
                boolean agree = x * y > 0;
                expected[i] = base[i] + (agree ? (x + y) / 2 : Math.abs(x) > Math.abs(y) ? x : y);
            }
            assertThat(merged.get(name).values()).as(name).containsExactly(expected, within(2e-6));
        }
    }

    @Test
    void angleOfOnePairIsThatOfItsCosine() throws IOException {
        assertNear(merge("model_stock", "{average_angles: true}", "a {}", "b {}"), merge("model_stock", "{}", "a {}", "b {}"));
    }

    @Test
    void plainAverageCanBeForSomeTensors() throws IOException {
        Map<String, TestTensor> mixed = merge(
                "model_stock", "{plain_average: [{filter: layers.0, value: true}, {value: false}]}", "a {}", "b {}", "c {}");
        Map<String, TestTensor> mean = linear("1 1 1");
        Map<String, TestTensor> stock = merge("model_stock", "{}", "a {}", "b {}", "c {}");
        String first = "model.layers.0.weight";
        String second = "model.layers.1.weight";
        assertThat(mixed.get(first).values()).containsExactly(mean.get(first).values(), within(2e-6));
        assertThat(mixed.get(second).data()).isEqualTo(stock.get(second).data());
        assertThat(stock.get(first).data()).isNotEqualTo(mixed.get(first).data());
    }

    @Test
    void penaltyOfZeroIsTheUniformMean() throws IOException {
        for (String law : List.of("", ", softmax: true", ", higher_is_better: true", ", softmax: true, higher_is_better: true")) {
            assertSame(average("{penalty: 0" + law + "}", 0.5, 20, 3), linear("1 1 1"));
        }
    }

    @Test
    void metricsBecomeWeightsByTheLawThatIsChosen() throws IOException {
        assertNear(average("{}", 1, 2, 4), linear("4 2 1"));
        assertNear(average("{penalty: 2}", 1, 2, 4), linear("16 4 1"));
        assertNear(average("{penalty: 2, higher_is_better: true}", 1, 2, 4), linear("1 4 16"));
        // ln 2 and ln 3: exp(-p m) is 2^-m and 3^-m.
        assertNear(average("{penalty: 0.6931471805599453, softmax: true}", 0, 1, 2), linear("4 2 1"));
        assertNear(average("{penalty: 1.0986122886681098, softmax: true, higher_is_better: true}", -1, 0, 1), linear("1 3 9"));
    }

    @Test
    void largeMetricsAndPenaltiesChooseTheBestModel() throws IOException {
        assertSame(average("{penalty: 1000, softmax: true}", 7000000, -3000000, 5), model("b"));
        assertSame(average("{penalty: 1e6, higher_is_better: true}", 1000, 1e-30, 2000), model("c"));
    }

    @Test
    void metricsThatHaveNoPowersAreRefused() {
        assertThatThrownBy(() -> average("{}", 1, 0, 4))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("mwa: a metric of tensor model.layers.0.weight is 0.0, and powers need one above 0");
        assertThatThrownBy(() -> average("{penalty: 1e308, softmax: true}", 1e6, 1, 4))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("too large for a metric");
        assertThatThrownBy(() -> average("{penalty: -1}", 1, 2, 4)).isInstanceOf(ConfigException.class);
    }
}

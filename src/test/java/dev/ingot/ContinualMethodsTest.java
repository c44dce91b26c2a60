// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import static dev.ingot.fixture.SameTensors.assertNear;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.checkpoint.TestJson;
import dev.ingot.error.ConfigException;
import dev.ingot.fixture.Merges;
import dev.ingot.fixture.TestCheckpoint;
import dev.ingot.fixture.TestFamily;
import dev.ingot.fixture.TestTensor;
import dev.ingot.linalg.LinearAlgebra;
import dev.ingot.report.RunReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What must hold of OPCM, DOP and DOGE, whatever the numbers are. */
class ContinualMethodsTest {
    private static final double ROUNDING = 2e-6;

    @TempDir
    private static Path directory;

    private final Ingot ingot = Ingot.create();

    /** {@code d} is the last expert; {@code a1} is {@code a} again. */
    @BeforeAll
    static void writeModels() throws IOException {
        TestFamily.uniform(directory, Dtype.F32, 2, 61, 40);
        Map<String, TestTensor> b = TestCheckpoint.read(directory.resolve("b"));
        Map<String, TestTensor> c = TestCheckpoint.read(directory.resolve("c"));
        TestCheckpoint.write(directory.resolve("a1"), TestCheckpoint.read(directory.resolve("a")).values());
        TestCheckpoint.write(directory.resolve("d"), TestCheckpoint.read(directory.resolve("a")).values().stream()
                .map(tensor -> mixed(tensor, b.get(tensor.name()), c.get(tensor.name())))
                .toList());
    }

    private static TestTensor mixed(TestTensor a, TestTensor b, TestTensor c) {
        float[] values = new float[a.values().length];
        for (int i = 0; i < values.length; i++) {
            int other = (i * 7 + 3) % values.length;
            values[i] = (float) (a.values()[i] + 0.6 * b.values()[other] - 0.3 * c.values()[i]);
        }
        return TestTensor.of(a.name(), Dtype.F32, a.shape(), values);
    }

    @BeforeEach
    void requireLinearAlgebra() {
        assumeTrue(LinearAlgebra.refusal().isEmpty(), () -> LinearAlgebra.refusal().orElseThrow());
    }

    private Path run(String method, String parameters, String... models) throws IOException {
        String[] members = List.of(models).stream().map(model -> model + " {}").toArray(String[]::new);
        Path output = Files.createTempDirectory(directory, "out");
        ingot.merge(MergeRequest.ofYaml(Merges.yaml(method, parameters, members), "test", directory, output));
        return output;
    }

    private Map<String, TestTensor> merge(String method, String parameters, String... models) throws IOException {
        return TestCheckpoint.read(run(method, parameters, models));
    }

    private static Map<String, TestTensor> model(String name) throws IOException {
        return TestCheckpoint.read(directory.resolve(name));
    }

    /** The norm of what differs from the base, of the tensors whose names hold a word. */
    private static double norm(Map<String, TestTensor> found, String word) throws IOException {
        Map<String, TestTensor> base = model("base");
        double sum = 0;
        for (TestTensor tensor : found.values()) {
            double[] values = tensor.values();
            double[] origin = base.get(tensor.name()).values();
            for (int i = 0; i < values.length && tensor.name().contains(word); i++) {
                sum += (values[i] - origin[i]) * (values[i] - origin[i]);
            }
        }
        return Math.sqrt(sum);
    }

    @Test
    void anOpcmResultTakesOneMoreExpert() throws IOException {
        Path three = run("opcm", "{alpha: 0.4}", "a", "b", "c");
        Map<String, Object> report = TestJson.object(TestJson.read(three.resolve(RunReport.FILE_NAME)));
        Object lambda = TestJson.list(report.get("merged_lambda")).getFirst();
        assertThat(TestJson.list(report.get("merged_experts"))).hasSize(1);
        assertThat(((Number) TestJson.list(report.get("merged_experts")).getFirst()).intValue()).isEqualTo(3);
        assertThat(((Number) lambda).doubleValue()).isGreaterThan(1);
        String state = "{alpha: 0.4, merged_experts: 3, merged_lambda: " + lambda + "}";
        Map<String, TestTensor> continued = merge("opcm", state, three.getFileName().toString(), "d");
        assertNear(continued, merge("opcm", "{alpha: 0.4}", "a", "b", "c", "d"), ROUNDING);
    }

    @Test
    void opcmHasTheMeanNormOfItsExperts() throws IOException {
        double mean = (norm(model("a"), "") + norm(model("b"), "") + norm(model("c"), "")) / 3;
        assertThat(norm(merge("opcm", "{}", "a", "b", "c"), "")).isCloseTo(mean, within(1e-4 * mean));
        assertThat(norm(merge("opcm", "{matrices: sum}", "a", "b", "c"), "")).isCloseTo(mean, within(1e-4 * mean));
    }

    @Test
    void equalExpertsGiveThatExpert() throws IOException {
        // All of a delta lies along itself.
        assertNear(merge("opcm", "{others: base}", "a", "a1"), merge("opcm", "{others: base}", "a"), 1e-5);
        assertNear(merge("dop", "{num_steps: 5}", "a", "a1"), model("a"), 1e-5);
    }

    @Test
    void oneExpertStaysAsItIs() throws IOException {
        assertNear(merge("opcm", "{}", "a"), model("a"), ROUNDING);
        assertNear(merge("dop", "{}", "a"), model("a"), ROUNDING);
    }

    @Test
    void opcmRefusesHalfAState() {
        assertThatThrownBy(() -> merge("opcm", "{merged_experts: 3}", "a", "b"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("merged_experts is given without merged_lambda");
        assertThatThrownBy(() -> merge("opcm", "{merged_lambda: 1.4}", "a", "b"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("merged_lambda is given, but merged_experts is 1");
        assertThatThrownBy(() -> merge("opcm", "{merged_experts: 2.5, merged_lambda: 1.4}", "a", "b"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("'merged_experts' is 2.5");
        assertThatThrownBy(() -> merge(
                        "opcm", "{merged_experts: [{filter: layers.0, value: 2}, {value: 3}], merged_lambda: 1.4}", "a", "b"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("differ in what the first model holds");
    }

    @Test
    void dopWithoutStepsIsARunningAverage() throws IOException {
        Map<String, TestTensor> average = merge("dop", "{matrices: average}", "a", "b", "c");
        assertNear(merge("dop", "{num_steps: 0}", "a", "b", "c"), average, ROUNDING);
        Path output = Files.createTempDirectory(directory, "out");
        String yaml = Merges.yaml("task_arithmetic", "{}", "a {weight: 0.25}", "b {weight: 0.25}", "c {weight: 0.5}");
        ingot.merge(MergeRequest.ofYaml(yaml, "test", directory, output));
        assertNear(average, TestCheckpoint.read(output), ROUNDING);
    }

    @Test
    void aDopResultTakesOneMoreExpert() throws IOException {
        String parameters = "{num_steps: 20, svd_epsilon: 0.9}";
        Path two = run("dop", parameters, "a", "b");
        assertNear(
                merge("dop", parameters, two.getFileName().toString(), "c"),
                merge("dop", parameters, "a", "b", "c"),
                1e-5);
    }

    @Test
    void dopOfOneLossGoesToItsModel() throws IOException {
        String alone = "{mgda: false, alpha: %s, num_steps: %s, learning_rate: 0.003}";
        for (String proj : List.of("uv", "u", "v")) {
            String parameters = alone.replace("{", "{proj_space: " + proj + ", ");
            double before = distance(merge("dop", parameters.formatted(1, 0), "a", "b"), "a");
            double after = distance(merge("dop", parameters.formatted(1, 60), "a", "b"), "a");
            double other = distance(merge("dop", parameters.formatted(0, 60), "a", "b"), "b");
            assertThat(after).as(proj).isLessThan(0.9 * before);
            assertThat(other).as(proj).isLessThan(0.9 * before);
        }
    }

    private static double distance(Map<String, TestTensor> found, String name) throws IOException {
        double sum = 0;
        for (TestTensor tensor : model(name).values()) {
            double[] values = found.get(tensor.name()).values();
            for (int i = 0; i < values.length && tensor.shape().rank() == 2; i++) {
                sum += Math.pow(values[i] - tensor.values()[i], 2);
            }
        }
        return Math.sqrt(sum);
    }

    @Test
    void dogeWithoutStepsGivesEveryTaskItsNorm() throws IOException {
        Map<String, TestTensor> found = merge("doge_ta", "{num_steps: 0, density: 1, lambda: 0.3}", "a");
        String matrix = found.values().stream()
                .filter(tensor -> tensor.shape().rank() == 2)
                .findFirst()
                .orElseThrow()
                .name();
        assertThat(norm(found, matrix)).isCloseTo(0.3, within(1e-4));
        assertThat(norm(found, "norm")).isZero();
    }

    @Test
    void dogeDoesNotDependOnTheOrderOfTasks() throws IOException {
        String parameters = "{num_steps: 15, learning_rate: 0.001}";
        assertNear(merge("doge_ta", parameters, "a", "b", "c"), merge("doge_ta", parameters, "c", "a", "b"), 1e-5);
    }

    @Test
    void dogeRefusesTwoDensities() {
        assertThatThrownBy(() -> merge("doge_ta", "{density: [{filter: layers.0, value: 0.2}, {value: 0.3}]}", "a", "b"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("differ in density");
    }
}

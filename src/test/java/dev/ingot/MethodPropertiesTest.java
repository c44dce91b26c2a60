// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import static dev.ingot.fixture.SameTensors.assertNear;
import static dev.ingot.fixture.SameTensors.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.fixture.Merges;
import dev.ingot.fixture.TestCheckpoint;
import dev.ingot.fixture.TestFamily;
import dev.ingot.fixture.TestTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What must hold between methods, whatever the numbers are. */
class MethodPropertiesTest {
    @TempDir
    private static Path directory;

    private final Ingot ingot = Ingot.create();

    @BeforeAll
    static void writeModels() throws IOException {
        TestFamily.uniform(directory, Dtype.F32, 3, 211, 100);
    }

    private SortedMap<String, TestTensor> merge(String yaml) throws IOException {
        Path output = Files.createTempDirectory(directory, "out");
        return TestCheckpoint.read(ingot.merge(MergeRequest.ofYaml(yaml, "test", directory, output)).output());
    }

    private static Map<String, TestTensor> model(String name) throws IOException {
        return TestCheckpoint.read(directory.resolve(name));
    }

    @Test
    void tiesOfWholeDeltasIsTheSumOfThoseWithTheElectedSign() throws IOException {
        Map<String, TestTensor> merged = merge(Merges.yaml("ties", "{normalize: false}",
                "a {weight: 0.5}", "b {weight: 0.25, density: 1}", "c {weight: -0.5}"));
        double[] weights = {0.5, 0.25, -0.5};
        for (String name : merged.keySet()) {
            double[] base = model("base").get(name).values();
            double[][] experts = {
                model("a").get(name).values(), model("b").get(name).values(), model("c").get(name).values()
            };
            double[] expected = base.clone();
            for (int i = 0; i < base.length; i++) {
                double sum = 0;
                for (int m = 0; m < experts.length; m++) {
                    sum += weights[m] * (experts[m][i] - base[i]);
                }
                for (int m = 0; m < experts.length; m++) {
                    double term = weights[m] * (experts[m][i] - base[i]);
                    expected[i] += term * sum > 0 ? term : 0;
                }
            }
            assertThat(merged.get(name).values()).as(name).containsExactly(expected, within(1e-6));
        }
    }

    @Test
    void oneExpertInTiesIsTaskArithmetic() throws IOException {
        for (String parameters : List.of("{normalize: false}", "{normalize: true, lambda: 0.7}")) {
            assertSame(
                    merge(Merges.yaml("ties", parameters, "b {weight: 0.3}")),
                    merge(Merges.yaml("task_arithmetic", parameters, "b {weight: 0.3}")));
        }
    }

    @Test
    void undroppedDareIsTaskArithmetic() throws IOException {
        String[] models = {"a {weight: 0.3}", "c {weight: 0.6}"};
        assertSame(merge(Merges.yaml("dare_linear", "{}", models)), merge(Merges.yaml("task_arithmetic", "{}", models)));
        assertSame(
                merge(Merges.yaml("dare_ties", "{}", models)),
                merge(Merges.yaml("ties", "{normalize: false}", models)));
    }

    @Test
    void rescaledTiesKeepsTheL1NormOfTheDelta() throws IOException {
        Map<String, TestTensor> merged =
                merge(Merges.yaml("ties", "{normalize: false, rescale: true}", "a {weight: 1, density: 0.3}"));
        for (String name : merged.keySet()) {
            double[] base = model("base").get(name).values();
            assertThat(distance(merged.get(name).values(), base))
                    .as(name)
                    .isCloseTo(distance(model("a").get(name).values(), base), within(0.05));
        }
    }

    private static double distance(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += Math.abs(a[i] - b[i]);
        }
        return sum;
    }

    @Test
    void tiesKeepsTheTruncatedCount() throws IOException {
        for (double density : new double[] {0.5, 0.123, 0.00001}) {
            Map<String, TestTensor> merged =
                    merge(Merges.yaml("ties", "{}", "a {weight: 1, density: " + density + "}"));
            for (String name : merged.keySet()) {
                double[] base = model("base").get(name).values();
                double[] values = merged.get(name).values();
                int moved = 0;
                for (int i = 0; i < base.length; i++) {
                    moved += values[i] != base[i] ? 1 : 0;
                }
                assertThat(moved).as(name + " at " + density).isEqualTo(Math.max(1, (int) (density * base.length)));
            }
        }
    }

    @Test
    void orderOfEqualExpertsMattersOnlyInTheLastDigit() throws IOException {
        String a = "a {weight: 0.4, density: 0.6}";
        String b = "b {weight: 0.4, density: 0.6}";
        String c = "c {weight: 0.4, density: 0.6}";
        for (String method : List.of("linear", "task_arithmetic", "ties")) {
            boolean linear = method.equals("linear");
            String[] order = linear ? new String[] {"a {weight: 1}", "b {weight: 1}", "c {weight: 1}"} : new String[] {a, b, c};
            String[] other = {order[2], order[0], order[1]};
            String parameters = linear ? "{weight: 1}" : "{}";
            assertNear(merge(Merges.yaml(method, parameters, order)), merge(Merges.yaml(method, parameters, other)), 2e-6);
        }
    }

    @Test
    void endsOfInterpolationAreTheModels() throws IOException {
        assertNear(merge(slerp(0)), model("base"), 1e-6);
        assertNear(merge(slerp(1)), model("a"), 1e-6);
        assertSame(merge(Merges.yaml("task_arithmetic", "{}", "a {weight: 0}")), model("base"));
        assertNear(merge(Merges.yaml("task_arithmetic", "{}", "a {weight: 1}")), model("a"), 1e-6);
        assertSame(merge("merge_method: passthrough\nmodels: [{model: c}]\n"), model("c"));
        assertSame(merge("merge_method: linear\nmodels: [{model: c, parameters: {weight: 3}}]\n"), model("c"));
    }

    private static String slerp(double t) {
        return "merge_method: slerp\nbase_model: base\nmodels: [{model: base}, {model: a}]\nparameters: {t: " + t + "}\n";
    }
}

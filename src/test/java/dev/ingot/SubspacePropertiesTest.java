// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import static dev.ingot.fixture.SameTensors.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.ingot.fixture.Merges;
import dev.ingot.fixture.SameTensors;
import dev.ingot.fixture.TestCheckpoint;
import dev.ingot.fixture.TestTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** What must hold of methods on singular vectors, whatever the numbers are. */
class SubspacePropertiesTest {
    /** Of float32 values of about 1. */
    private static final double ROUNDING = 3e-6;

    private static final List<String> METHODS = List.of(
            "tsv_m {}",
            "tsv_m {orthogonalise: none}",
            "tsv_m {rank_ratio: 1}",
            "iso_c {alpha: 1.5}",
            "iso_cts {}",
            "iso_cts {common_space_fraction: 0.3}",
            "twin_merging {experts: mixed, mask_rate: 0.7}",
            "twin_merging {experts: mixed, mask_rate: 0.7, strategy: magnitude}",
            "twin_merging {experts: mixed, mask_rate: 0.7, strategy: bernoulli}",
            "singular_projection {alpha: 3}",
            "singular_projection {subspace: trailing, k: 4}",
            "singular_projection {subspace: complement, k: 4}");

    @TempDir
    private static Path directory;

    private final Ingot ingot = Ingot.create();

    @BeforeAll
    static void writeModels() throws IOException {
        SubspaceFamily.write(directory);
    }

    private Map<String, TestTensor> merge(String method, String parameters, String... models) throws IOException {
        return run(Merges.yaml(method, parameters, models), request -> request);
    }

    private Map<String, TestTensor> run(String yaml, UnaryOperator<MergeRequest> change) throws IOException {
        Path output = Files.createTempDirectory(directory, "out");
        MergeRequest request = MergeRequest.ofYaml(yaml, "test", directory, output);
        return TestCheckpoint.read(ingot.merge(change.apply(request)).output());
    }

    private static Map<String, TestTensor> model(String name) throws IOException {
        return TestCheckpoint.read(directory.resolve(name));
    }

    private static void assertNear(Map<String, TestTensor> found, Map<String, TestTensor> expected) {
        SameTensors.assertNear(found, expected, ROUNDING);
    }

    private static Stream<DynamicTest> each(List<String> methods, Body body) {
        return methods.stream().map(text -> DynamicTest.dynamicTest(text, () -> {
            String[] parts = text.split(" ", 2);
            body.run(parts[0], parts[1]);
        }));
    }

    private interface Body {
        void run(String method, String parameters) throws IOException;
    }

    @TestFactory
    Stream<DynamicTest> unchangedExpertsGiveTheBase() {
        return each(METHODS, (method, parameters) ->
                assertSame(merge(method, parameters, "same0 {}", "same1 {}"), model("base")));
    }

    @TestFactory
    Stream<DynamicTest> orderOfExpertsMattersOnlyInTheLastDigit() {
        return each(METHODS.stream().filter(text -> !text.contains("bernoulli")).toList(), (method, parameters) ->
                assertNear(
                        merge(method, parameters, "a {}", "b {}", "c {}"), merge(method, parameters, "c {}", "a {}", "b {}")));
    }

    /** Bytes do not depend on how the work is divided. */
    @TestFactory
    Stream<DynamicTest> threadsTilesAndBackendsDoNotMatter() {
        return each(METHODS, (method, parameters) -> {
            String yaml = Merges.yaml(method, parameters, "a {}", "b {}", "low0 {}");
            Map<String, TestTensor> one = run(yaml, request -> request.withBackend("reference").withThreads(1));
            assertSame(run(yaml, request -> request.withThreads(2).withIo("pread")), one);
            assertSame(run(yaml, request -> request.withThreads(7).withMemory(256L << 20)), one);
        });
    }

    @TestFactory
    Stream<DynamicTest> expertsOfLowRankAreNoDanger() {
        return each(METHODS, (method, parameters) -> {
            Map<String, TestTensor> base = model("base");
            merge(method, parameters, "low0 {}", "same0 {}", "low1 {}").forEach((name, tensor) -> {
                double[] delta = delta(tensor, base.get(name));
                assertThat(Math.sqrt(squares(delta) / delta.length)).as(name).isLessThan(1);
            });
        });
    }

    @Test
    void wholeTasksSideBySideAreTaskArithmetic() throws IOException {
        String[] models = {"a {weight: 0.7}", "b {weight: -0.4}"};
        Map<String, TestTensor> sum = merge("task_arithmetic", "{lambda: 0.9}", models);
        Map<String, TestTensor> found =
                merge("tsv_m", "{alpha: 0.9, orthogonalise: none, rank_ratio: 1, others: base}", models);
        for (String name : List.of("vector", "kernel")) {
            assertThat(found.get(name).data()).isEqualTo(model("base").get(name).data());
            found.put(name, sum.get(name));
        }
        assertNear(found, sum);
        Map<String, TestTensor> one = merge("task_arithmetic", "{weight: 0.7}", "a {}");
        assertNear(merge("tsv_m", "{}", "a {weight: 0.7}"), one);
    }

    /** With equal ranks and weights, reweighted forms of TSV-Merge are TSV-Merge. */
    @Test
    void neutralRanksAreTsvM() throws IOException {
        String[] models = {"a {}", "b {}", "c {}", "low0 {}"};
        Map<String, TestTensor> plain = merge("tsv_m", "{}", models);
        assertSame(merge("tsv_m", "{weight: 1, rank_ratio: 0.25}", models), plain);
        Map<String, TestTensor> other =
                merge("tsv_m", "{rank_ratio: [{filter: tall, value: 0.1}, {value: 0.25}]}", models);
        assertThat(other.get("tall").data()).isNotEqualTo(plain.get("tall").data());
        assertThat(other.get("wide").data()).isEqualTo(plain.get("wide").data());
    }

    @Test
    void tasksOfRankNoneAreLeftOut() throws IOException {
        assertNear(
                merge("tsv_m", "{others: base}", "a {rank_ratio: 0.5}", "b {rank_ratio: 0}", "c {rank_ratio: 0.2}"),
                merge("tsv_m", "{others: base}", "a {rank_ratio: 0.5}", "c {rank_ratio: 0.2}"));
    }

    @Test
    void isoCMakesAllSingularValuesTheMean() throws IOException {
        Map<String, TestTensor> merged = merge("iso_c", "{alpha: 1}", "a {}", "b {}", "c {}");
        for (String name : List.of("tall", "wide", "square")) {
            double[] spectrum = spectrum(delta(merged.get(name), model("base").get(name)), 48, name);
            assertThat(spectrum[0]).as(name).isCloseTo(name.equals("square") ? 48 : 40, within(1e-3));
            double[] sum = delta(merge("task_arithmetic", "{weight: 1}", "a {}", "b {}", "c {}").get(name), model("base").get(name));
            assertThat(spectrum[1]).as(name).isCloseTo(meanSingularValue(sum, name), within(1e-5));
        }
    }

    @Test
    void isoCHasNoDirectionsBeyondTheRank() throws IOException {
        double[] delta = delta(merge("iso_c", "{}", "low0 {}", "low1 {}").get("tall"), model("base").get("tall"));
        assertThat(spectrum(delta, 40, "tall")[0]).isCloseTo(2 * SubspaceFamily.LOW_RANK, within(1e-3));
    }

    @Test
    void isoCtsWithoutOwnDirectionsIsIsoC() throws IOException {
        String[] models = {"a {}", "b {weight: 0.5}", "c {weight: -1}"};
        assertNear(merge("iso_cts", "{common_space_fraction: 1, alpha: 0.8}", models), merge("iso_c", "{alpha: 0.8}", models));
    }

    @Test
    void weightScalesTheTaskVector() throws IOException {
        for (String method : List.of("tsv_m", "iso_c", "iso_cts", "singular_projection")) {
            assertNear(
                    merge(method, "{weight: 0.5, alpha: 2}", "a {}", "b {}"), merge(method, "{}", "a {}", "b {}"));
        }
    }

    @Test
    void twinThatLeavesNothingOutIsTheExpert() throws IOException {
        for (String strategy : List.of("svd", "magnitude", "bernoulli")) {
            assertNear(
                    merge("twin_merging", "{task_index: 1, mask_rate: 0, strategy: " + strategy + "}", "a {}", "b {}"), model("b"));
            assertSame(
                    merge("twin_merging", "{task_index: 1, mask_rate: 1, strategy: " + strategy + "}", "a {}", "b {}"),
                    merge("twin_merging", "{experts: shared}", "a {}", "b {}"));
        }
        assertNear(
                merge("twin_merging", "{experts: shared, scaling: 0.29}", "a {}", "b {}"),
                merge("task_arithmetic", "{weight: 1, lambda: 0.29}", "a {}", "b {}"));
    }

    @Test
    void twinOfOneTaskIsTheMixOfItAlone() throws IOException {
        for (String strategy : List.of("svd", "magnitude")) {
            String common = "mask_rate: 0.8, strategy: " + strategy;
            Map<String, TestTensor> task = merge("twin_merging", "{" + common + "}", "a {}", "b {task: true}");
            assertSame(
                    merge("twin_merging", "{experts: mixed, softmax: false, " + common + "}", "a {}", "b {router: 1}"), task);
            assertSame(
                    merge("twin_merging", "{experts: mixed, " + common + "}", "a {router: -2000}", "b {router: 100}"), task);
        }
    }

    @Test
    void projectionOnEverythingIsTheMean() throws IOException {
        Map<String, TestTensor> mean = merge("task_arithmetic", "{weight: 1, lambda: 0.5}", "a {}", "b {}");
        assertNear(merge("singular_projection", "{k: 0, subspace: complement}", "a {}", "b {}"), mean);
        Map<String, TestTensor> square = merge("singular_projection", "{k: 48}", "a {}", "b {}");
        assertThat(square.get("square").values()).containsExactly(mean.get("square").values(), within(ROUNDING));
        assertThat(square.get("vector").values()).containsExactly(mean.get("vector").values(), within(ROUNDING));
        assertSame(
                merge("singular_projection", "{k: 0, others: base}", "a {}", "b {}"), model("base"));
    }

    private static double[] delta(TestTensor tensor, TestTensor base) {
        double[] delta = tensor.values().clone();
        Arrays.setAll(delta, i -> delta[i] - base.values()[i]);
        return delta;
    }

    private static double squares(double[] values) {
        return Arrays.stream(values).map(value -> value * value).sum();
    }

    private static int columns(String name) {
        return name.equals("wide") ? 300 : name.equals("tall") ? 40 : 48;
    }

    /** The rank of a matrix whose singular values are all equal, and that value: from sums of squares alone. */
    private static double[] spectrum(double[] delta, int most, String name) {
        double[][] gram = SingularValues.gram(SingularValues.matrix(delta, columns(name)));
        double trace = 0;
        double square = 0;
        for (double[] row : gram) {
            square += squares(row);
        }
        for (int i = 0; i < gram.length; i++) {
            trace += gram[i][i];
        }
        assertThat(trace * trace / square).isLessThan(most + 1e-3);
        return new double[] {trace * trace / square, Math.sqrt(square / trace)};
    }

    private static double meanSingularValue(double[] delta, String name) {
        double[] values = SingularValues.of(SingularValues.matrix(delta, columns(name))).values();
        return Arrays.stream(values).sum() / values.length;
    }
}

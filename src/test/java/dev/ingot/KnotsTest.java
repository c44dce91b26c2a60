// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import static dev.ingot.fixture.SameTensors.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.checkpoint.Shape;
import dev.ingot.error.ConfigException;
import dev.ingot.fixture.Merges;
import dev.ingot.fixture.TestCheckpoint;
import dev.ingot.fixture.TestTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What must hold of merges in a common basis, and the case whose signs are arbitrary. */
class KnotsTest {
    private static final Path CASES = Path.of("src/test/resources/golden/papers-free");
    private static final Path RECORDED = Path.of("src/test/resources/knots");

    /** The 258 x 260 one has low-rank deltas, for which there is a sketch. */
    private static final Map<String, Shape> SHAPES = Map.of(
            "tall", Shape.of(37, 5),
            "wide", Shape.of(4, 41),
            "square", Shape.of(16, 16),
            "row", Shape.of(1, 9),
            "column", Shape.of(9, 1),
            "vector", Shape.of(23),
            "full", Shape.of(262, 257),
            "low", Shape.of(258, 260));

    private static final int RANK = 3;

    @TempDir
    private static Path directory;

    private final Ingot ingot = Ingot.create();

    @BeforeAll
    static void writeModels() throws IOException {
        SplittableRandom random = new SplittableRandom(17);
        Map<String, TestTensor> base = new LinkedHashMap<>();
        SHAPES.keySet().stream().sorted().forEach(name -> base.put(name, random(name, random, 1, null)));
        write("base", base);
        for (String name : List.of("a", "b", "c")) {
            Map<String, TestTensor> model = new LinkedHashMap<>();
            base.forEach((tensor, values) -> model.put(tensor, random(tensor, random, 0.01, values)));
            write(name, model);
        }
        write("same", base);
        Map<String, TestTensor> opposite = new LinkedHashMap<>();
        Map<String, TestTensor> zero = new LinkedHashMap<>();
        Map<String, TestTensor> plus = new LinkedHashMap<>();
        base.forEach((name, tensor) -> {
            TestTensor delta = random(name, random, 0.01, null);
            float[] negative = floats(delta);
            for (int i = 0; i < negative.length; i++) {
                negative[i] = -negative[i];
            }
            zero.put(name, TestTensor.of(name, Dtype.F32, tensor.shape(), new float[negative.length]));
            plus.put(name, delta);
            opposite.put(name, TestTensor.of(name, Dtype.F32, tensor.shape(), negative));
        });
        write("zero", zero);
        write("plus", plus);
        write("minus", opposite);
    }

    private static TestTensor random(String name, SplittableRandom random, double scale, TestTensor around) {
        Shape shape = SHAPES.get(name);
        float[] values = new float[(int) shape.elements()];
        double[] center = around == null ? new double[values.length] : around.values();
        int columns = (int) shape.dim(shape.rank() - 1);
        double[][] up = new double[values.length / columns][RANK];
        double[][] down = new double[RANK][columns];
        for (int r = 0; r < RANK; r++) {
            for (double[] row : up) {
                row[r] = random.nextDouble(-1, 1);
            }
            for (int i = 0; i < columns; i++) {
                down[r][i] = random.nextDouble(-1, 1);
            }
        }
        for (int i = 0; i < values.length; i++) {
            double value = random.nextDouble(-1, 1);
            if (name.equals("low") && around != null) {
                value = 0;
                for (int r = 0; r < RANK; r++) {
                    value += up[i / columns][r] * down[r][i % columns];
                }
            }
            values[i] = (float) (center[i] + scale * value);
        }
        return TestTensor.of(name, Dtype.F32, shape, values);
    }

    private static float[] floats(TestTensor tensor) {
        double[] values = tensor.values();
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    private static void write(String name, Map<String, TestTensor> tensors) throws IOException {
        TestCheckpoint.write(directory.resolve(name), tensors.values());
    }

    private Map<String, TestTensor> run(String yaml, UnaryOperator<MergeRequest> with) throws IOException {
        Path output = Files.createTempDirectory(directory, "out");
        MergeRequest request = with.apply(MergeRequest.ofYaml(yaml, "test", directory, output));
        return TestCheckpoint.read(ingot.merge(request).output());
    }

    private Map<String, TestTensor> knots(String parameters, String... models) throws IOException {
        String[] plain = new String[models.length];
        for (int i = 0; i < models.length; i++) {
            plain[i] = models[i] + " {}";
        }
        return run(Merges.yaml("knots", parameters, plain), request -> request);
    }

    private static Map<String, TestTensor> model(String name) throws IOException {
        return TestCheckpoint.read(directory.resolve(name));
    }

    /** As {@link dev.ingot.fixture.SameTensors#assertNear}, which takes long for large tensors. */
    private static void assertNear(
            Map<String, TestTensor> found, Map<String, TestTensor> expected, double tolerance) {
        assertThat(found.keySet()).isEqualTo(expected.keySet());
        expected.forEach((name, tensor) -> {
            double[] values = found.get(name).values();
            double[] wanted = tensor.values();
            double most = 0;
            for (int i = 0; i < wanted.length; i++) {
                most = Math.max(most, Math.abs(values[i] - wanted[i]));
            }
            assertThat(most).as(name).isLessThanOrEqualTo(tolerance);
        });
    }

    /** The sum of all coefficients is the coefficient of the sum. */
    @Test
    void withoutElectionSumsAreTaskArithmetic() throws IOException {
        Map<String, TestTensor> expected = run(
                Merges.yaml("task_arithmetic", "{lambda: 0.3}", "a {weight: 1}", "b {weight: 1}", "c {weight: 1}"),
                request -> request);
        String parameters = "{sign_resolve_mode: none, merging_type: sum, scaling_coeff: 0.3";
        Map<String, TestTensor> found = knots(parameters + "}", "a", "b", "c");
        expected.put("vector", model("base").get("vector"));
        assertNear(found, expected, 2e-6);
    }

    @Test
    void oneModelIsTaskArithmetic() throws IOException {
        Map<String, TestTensor> expected =
                run(Merges.yaml("task_arithmetic", "{lambda: 0.7}", "b {weight: 1}"), request -> request);
        for (String mode : List.of("sum_of_values", "sum_of_signs", "none")) {
            Map<String, TestTensor> found =
                    knots("{others: average, scaling_coeff: 0.7, sign_resolve_mode: " + mode + "}", "b");
            assertNear(found, expected, 2e-6);
        }
    }

    @Test
    void orderOfModelsDoesNotMatter() throws IOException {
        for (String parameters : List.of("{top_k: 40}", "{merging_type: sum}")) {
            assertNear(knots(parameters, "c", "a", "b"), knots(parameters, "a", "b", "c"), 2e-6);
        }
    }

    @Test
    void modelsThatAreTheBaseChangeNothing() throws IOException {
        assertSame(knots("{}", "same"), model("base"));
        assertSame(knots("{top_k: 30}", "same"), model("base"));
        assertNear(knots("{top_k: 30}", "a", "same"), knots("{top_k: 30}", "a"), 2e-6);
    }

    @Test
    void nothingIsLeftOfSingularValuesUpToTheThreshold() throws IOException {
        assertSame(knots("{sv_threshold: 1e9}", "a", "b"), model("base"));
        assertSame(knots("{sv_threshold: 1e9, top_k: 10}", "a", "b"), model("base"));
    }

    /** All sums are zero, so that the elected sign decides which of both models stays. */
    @Test
    void zeroSumsElectWhatIsAskedFor() throws IOException {
        String yaml = Merges.yaml("knots", "{zero_sign: %s}", "plus {}", "minus {}").replace("model: base", "model: zero");
        Map<String, TestTensor> positive = run(yaml.replace("%s", "positive"), request -> request);
        Map<String, TestTensor> majority = run(yaml.replace("%s", "majority"), request -> request);
        assertThat(Arrays.stream(positive.get("square").values()).map(Math::abs).max().orElseThrow()).isGreaterThan(1e-3);
        positive.forEach((name, tensor) -> {
            double[] other = majority.get(name).values();
            double[] values = tensor.values();
            for (int i = 0; i < values.length; i++) {
                assertThat(values[i] + other[i]).as(name).isBetween(-1e-7, 1e-7);
            }
        });
    }

    @Test
    void trimmedRestDropsOutOfMeans() throws IOException {
        Map<String, TestTensor> few = knots("{top_k: 1, scaling_coeff: 1}", "a");
        Map<String, TestTensor> all = knots("{scaling_coeff: 1}", "a");
        Map<String, TestTensor> base = model("base");
        double rest = 0;
        double whole = 0;
        for (String name : List.of("full", "low", "square")) {
            double[] origin = base.get(name).values();
            double[] trimmed = few.get(name).values();
            double[] untrimmed = all.get(name).values();
            for (int i = 0; i < origin.length; i++) {
                rest += Math.pow(trimmed[i] - origin[i], 2);
                whole += Math.pow(untrimmed[i] - origin[i], 2);
            }
        }
        assertThat(rest / whole).isBetween(0.01, 0.9);
    }

    /** Passes of a selection, and random dropping, with other threads, tiles and memory. */
    @Test
    void resultsDoNotDependOnThreads() throws IOException {
        String yaml = Merges.yaml("knots", "{top_k: 30, dare_p: 0.2}", "a {}", "b {}", "c {}");
        Map<String, TestTensor> expected = run(yaml, request -> request.withThreads(1));
        assertSame(run(yaml, request -> request.withThreads(4)), expected);
        assertSame(run(yaml, request -> request.withThreads(3).withMemory(260L << 20).withIo("pread")), expected);
        assertThat(run(yaml, request -> request.withSeed(1)).get("full").data())
                .isNotEqualTo(expected.get("full").data());
    }

    @Test
    void parametersOfTheModelAsAWholeMustAgree() {
        assertThatThrownBy(() -> knots("{top_k: [{filter: tall, value: 20}, {value: 30}]}", "a", "b"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("top_k differs between tensors");
    }

    /** In the recorded basis the reference gives the recorded result, so it is right in ours too. */
    @Test
    void electionBySignsGoesByTurnedVectors() throws IOException {
        GoldenCase golden = GoldenCase.below(CASES).stream()
                .filter(known -> known.name().endsWith("knots_0"))
                .findFirst()
                .orElseThrow();
        Map<String, TestTensor> base = TestCheckpoint.read(golden.family().resolve("base"));
        List<Map<String, TestTensor>> experts = new ArrayList<>();
        StringBuilder models = new StringBuilder();
        for (int i = 0; i < 4; i++) {
            Path expert = GoldenKnots.model(golden, i, directory);
            experts.add(TestCheckpoint.read(expert));
            models.append("- model: ").append(expert).append('\n');
        }
        Map<String, TestTensor> basis = new LinkedHashMap<>();
        TestCheckpoint.read(RECORDED.resolve("basis.safetensors"))
                .forEach((name, vectors) -> basis.put(name.substring(2) + ".weight", vectors));
        KnotsReference reference = new KnotsReference(basis, 30, 0.4);
        assertThat(error(
                        base,
                        TestCheckpoint.read(RECORDED.resolve("model.safetensors")),
                        reference.merged(base, experts)))
                .isLessThan(1e-7);
        String yaml = "merge_method: knots\nbase_model: " + golden.family().resolve("base").toAbsolutePath()
                + "\nmodels:\n" + models
                + "parameters: {top_k: 30, scaling_coeff: 0.4, sign_resolve_mode: sum_of_signs, merging_type: sum}\n";
        Map<String, TestTensor> found = run(yaml, request -> request);
        assertThat(error(base, found, reference.turned().merged(base, experts))).isLessThan(1e-7);
        assertThat(error(base, found, reference.merged(base, experts))).isGreaterThan(1e-3);
    }

    private static double error(
            Map<String, TestTensor> base, Map<String, TestTensor> found, Map<String, double[]> expected) {
        double error = 0;
        double norm = 0;
        for (Map.Entry<String, double[]> tensor : expected.entrySet()) {
            double[] from = base.get(tensor.getKey()).values();
            double[] to = found.get(tensor.getKey()).values();
            for (int i = 0; i < from.length; i++) {
                error += Math.pow(to[i] - from[i] - tensor.getValue()[i], 2);
                norm += Math.pow(tensor.getValue()[i], 2);
            }
        }
        return error / norm;
    }
}

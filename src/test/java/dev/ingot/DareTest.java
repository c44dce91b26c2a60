// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.fixture.Merges;
import dev.ingot.fixture.TestCheckpoint;
import dev.ingot.fixture.TestTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What DARE's random masks must be like, whatever generator makes them. The experts of the first tests differ from a base of
 * zeros by a power of two each, so that a sum without rescaling tells every mask. All bounds are five standard deviations.
 */
class DareTest {
    private static final int N = 400_003;
    private static final double SIGMAS = 5;

    @TempDir
    private Path directory;

    private final Ingot ingot = Ingot.create();

    @BeforeEach
    void writeModels() throws IOException {
        Merges.models(directory, Map.of(
                "base", constants(0),
                "one", constants(1),
                "two", constants(2)));
    }

    private static List<TestTensor> constants(float value) {
        return List.of(
                TestTensor.vector("x", Dtype.F32, Merges.constant(N, value)),
                TestTensor.vector("y", Dtype.F32, Merges.constant(N, value)));
    }

    private Map<String, TestTensor> merge(String yaml, long seed) throws IOException {
        Path output = Files.createTempDirectory(directory, "out");
        return TestCheckpoint.read(ingot.merge(
                        MergeRequest.ofYaml(yaml, "dare", directory, output).withSeed(seed))
                .output());
    }

    private Map<String, TestTensor> both(double densityOne, double densityTwo, long seed) throws IOException {
        return merge(
                Merges.yaml("dare_linear", "{rescale: false}",
                        "one {weight: 1, density: " + densityOne + "}",
                        "two {weight: 1, density: " + densityTwo + "}"),
                seed);
    }

    /** The elements where the expert that differs by 2^bit was kept. */
    private static BitSet mask(TestTensor tensor, int bit) {
        double[] values = tensor.values();
        BitSet mask = new BitSet();
        for (int i = 0; i < values.length; i++) {
            assertThat(values[i]).isBetween(0.0, 3.0);
            mask.set(i, ((int) values[i] >> bit & 1) == 1);
        }
        return mask;
    }

    private static void assertShare(BitSet mask, double expected, String what) {
        double deviation = Math.sqrt(expected * (1 - expected) / N);
        assertThat(mask.cardinality() / (double) N).as(what).isCloseTo(expected, within(SIGMAS * deviation));
    }

    private static BitSet and(BitSet a, BitSet b) {
        BitSet both = (BitSet) a.clone();
        both.and(b);
        return both;
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.001, 0.1, 0.3, 0.5, 0.9, 0.999})
    void keepsTheShareThatDensityAsksFor(double density) throws IOException {
        for (String method : List.of("dare_linear", "dare_ties")) {
            String yaml = Merges.yaml(method, "{rescale: false}", "one {weight: 1, density: " + density + "}");
            merge(yaml, 3).forEach((name, tensor) -> assertShare(mask(tensor, 0), density, method + " " + name));
        }
    }

    @Test
    void masksOfModelsAndTensorsAreIndependent() throws IOException {
        Map<String, TestTensor> merged = both(0.3, 0.6, 1);
        BitSet one = mask(merged.get("x"), 0);
        BitSet two = mask(merged.get("x"), 1);
        assertShare(one, 0.3, "model one");
        assertShare(two, 0.6, "model two");
        assertShare(and(one, two), 0.18, "both models");
        assertShare(and(one, mask(merged.get("y"), 0)), 0.09, "both tensors");
        assertShare(and(two, mask(merged.get("y"), 1)), 0.36, "both tensors");
    }

    @Test
    void neighboursAreIndependent() throws IOException {
        BitSet mask = mask(both(0.3, 1, 2).get("x"), 0);
        for (int lag : new int[] {1, 2, 3, 4, 5, 8, 64, 1024, 16384}) {
            int pairs = N - lag;
            double covariance = 0;
            for (int i = 0; i < pairs; i++) {
                covariance += ((mask.get(i) ? 1 : 0) - 0.3) * ((mask.get(i + lag) ? 1 : 0) - 0.3) / pairs;
            }
            assertThat(covariance).as("distance " + lag).isCloseTo(0, within(SIGMAS * 0.3 * 0.7 / Math.sqrt(pairs)));
        }
    }

    @Test
    void seedDecides() throws IOException {
        BitSet first = mask(both(0.5, 1, 1).get("x"), 0);
        assertThat(mask(both(0.5, 1, 1).get("x"), 0)).isEqualTo(first);
        for (long seed : new long[] {0, 2, -1, 1L << 32, Long.MIN_VALUE + 1}) {
            BitSet other = mask(both(0.5, 1, seed).get("x"), 0);
            assertShare(and(first, other), 0.25, "seeds 1 and " + seed);
        }
    }

    @Test
    void densityOneKeepsAllAndDrawsNothing() throws IOException {
        assertThat(mask(both(0.5, 1, 1).get("x"), 1).cardinality()).isEqualTo(N);
        assertThat(mask(both(0.5, 0.7, 1).get("x"), 0)).isEqualTo(mask(both(0.5, 1, 1).get("x"), 0));
    }

    private static float[] normal(int n, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private void writeNormal(int n) throws IOException {
        Merges.models(directory, Map.of(
                "base", List.of(TestTensor.vector("x", Dtype.F32, new float[n])),
                "one", List.of(TestTensor.vector("x", Dtype.F32, normal(n, 5)))));
    }

    private static double l1(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += Math.abs(value);
        }
        return sum;
    }

    /** mergekit's rescaling: the L1 norm of the task vector is restored, whatever share was in fact kept. */
    @Test
    void rescaleRestoresTheL1Norm() throws IOException {
        writeNormal(50_000);
        double before = l1(TestTensor.vector("x", Dtype.F32, normal(50_000, 5)).values());
        for (String method : List.of("dare_linear", "dare_ties")) {
            String yaml = Merges.yaml(method, "{rescale: true}", "one {weight: 1, density: 0.2}");
            double[] merged = merge(yaml, 9).get("x").values();
            assertThat(l1(merged)).as(method).isCloseTo(before, within(1e-6 * before));
            long kept = Arrays.stream(merged).filter(value -> value != 0).count();
            assertThat(kept).as("kept").isBetween(9_500L, 10_500L);
        }
    }

    /** Without rescaling the expected result is density times the delta, element by element. What counts is elements times runs. */
    @Test
    void expectationIsTheThinnedDelta() throws IOException {
        int n = 8_000;
        int runs = 25;
        double density = 0.4;
        writeNormal(n);
        float[] delta = normal(n, 5);
        double[] plain = new double[n];
        double[] rescaled = new double[n];
        for (int seed = 0; seed < runs; seed++) {
            String one = "one {weight: 1, density: " + density + "}";
            add(plain, merge(Merges.yaml("dare_linear", "{rescale: false}", one), seed).get("x").values());
            add(rescaled, merge(Merges.yaml("dare_linear", "{rescale: true}", one), seed).get("x").values());
        }
        double squares = 0;
        double along = 0;
        double norm = 0;
        for (int i = 0; i < n; i++) {
            double deviation = Math.abs(delta[i]) * Math.sqrt(density * (1 - density) / runs);
            squares += Math.pow((plain[i] / runs - density * delta[i]) / deviation, 2);
            along += rescaled[i] / runs * delta[i];
            norm += (double) delta[i] * delta[i];
        }
        assertThat(squares / n).as("mean square of n standardized means").isCloseTo(1, within(SIGMAS * Math.sqrt(2.0 / n)));
        assertThat(along / norm).as("rescaled mean along the delta").isCloseTo(1, within(0.02));
    }

    private static void add(double[] sums, double[] values) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += values[i];
        }
    }
}

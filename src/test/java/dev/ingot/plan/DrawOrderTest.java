// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import static dev.ingot.plan.PlanFixture.EMBEDDING;
import static dev.ingot.plan.PlanFixture.HEAD;
import static dev.ingot.plan.PlanFixture.NORM;
import static dev.ingot.plan.PlanFixture.attention;
import static dev.ingot.plan.PlanFixture.mlp;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.checkpoint.Shape;
import dev.ingot.error.UsageException;
import dev.ingot.fixture.TestTensor;
import dev.ingot.kernel.MersenneTwister;
import dev.ingot.method.Randomness;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which numbers of the sequence each tensor takes. */
class DrawOrderTest {
    @TempDir
    private Path directory;

    private PlanFixture models;

    @BeforeEach
    void writeModels() throws IOException {
        models = new PlanFixture(directory);
        for (String name : List.of("base", "a", "b")) {
            models.model(name, Dtype.BF16, 12, true);
        }
    }

    private Plan plan(String yaml, long seed) {
        PlanRequest request = models.request(yaml);
        return models.plan(new PlanRequest(
                request.config(), request.modelRoots(), request.results(), request.output(), request.shardSize(), seed, Rng.MERGEKIT,
                request.threads(), request.memory(), request.mixed(), request.overwrite()));
    }

    private static Randomness.Sequence sequence(Plan plan, String tensor) {
        return (Randomness.Sequence) PlanFixture.tensors(plan).get(tensor).context().random();
    }

    private static void assertOrder(Plan plan, int models, String... names) {
        Map<String, PlannedTensor> tensors = PlanFixture.tensors(plan);
        long next = 0;
        for (String name : names) {
            assertThat(sequence(plan, name).first()).as(name).isEqualTo(next);
            assertThat(tensors.get(name).draws()).as(name).isEqualTo(models * tensors.get(name).elements());
            next += models * tensors.get(name).elements();
        }
        assertThat(tensors).hasSize(names.length);
    }

    private static String dare(String a, String b) {
        return """
                merge_method: dare_linear
                base_model: base
                models: [{model: a, parameters: {weight: 1, density: %s}}, {model: b, parameters: {weight: 1, density: %s}}]
                """.formatted(a, b);
    }

    @Test
    void namesAscendAsBytes() {
        List<String> names = new ArrayList<>(List.of(HEAD, EMBEDDING));
        for (int layer : new int[] {0, 1, 10, 11, 2, 3, 4, 5, 6, 7, 8, 9}) {
            names.add(mlp(layer));
            names.add(attention(layer));
        }
        names.add(NORM);
        assertOrder(plan(dare("0.5", "0.3"), 7), 2, names.toArray(String[]::new));
    }

    /** DELLA draws as DARE does; who is not thinned draws nothing. */
    @ParameterizedTest
    @ValueSource(strings = {"dare_linear", "della"})
    void densityOneDrawsNothing(String method) {
        String yaml = dare("[{filter: mlp, value: 1}, {value: 0.5}]", "1").replace("dare_linear", method);
        Plan plan = plan(yaml, 7);
        Map<String, PlannedTensor> tensors = PlanFixture.tensors(plan);
        assertThat(tensors.get(mlp(0)).draws()).isZero();
        assertThat(tensors.get(attention(0)).draws()).isEqualTo(16);
        assertThat(sequence(plan, attention(0)).first()).isEqualTo(24 + 24);
        assertThat(sequence(plan, attention(1)).first()).isEqualTo(24 + 24 + 16);
    }

    @Test
    void whatIsNotRandomDrawsNothing() {
        Plan plan = plan(dare("0.5", "0.3").replace("dare_linear", "ties"), 7);
        assertThat(plan.tensors()).allMatch(tensor -> tensor.draws() == 0);
    }

    /** What counts is where a tensor comes from; the larger name, if inputs differ. */
    @Test
    void slicesGoByTheNamesOfTheirSources() {
        String parameters = "parameters: {weight: 1, density: 0.5}";
        Plan plan = plan("""
                merge_method: dare_linear
                base_model: base
                slices:
                - sources: [{model: base, layer_range: [2, 3]}, {model: a, layer_range: [0, 1]}]
                - sources: [{model: base, layer_range: [0, 1]}, {model: a, layer_range: [1, 2]}]
                - sources: [{model: base, layer_range: [9, 11]}, {model: a, layer_range: [9, 11]}]
                %s
                """.formatted(parameters), 7);
        assertOrder(
                plan, 1, HEAD, EMBEDDING, mlp(1), attention(1), mlp(3), attention(3), mlp(0), attention(0), mlp(2),
                attention(2), NORM);
    }

    @Test
    void probabilitiesAreRoundedToTheTypeThatMergekitComputesIn() {
        assertThat(sequence(plan(dare("0.33", "0.3"), 7), HEAD).threshold(0.33)).isEqualTo(0.330078125);
        Plan wide = plan(dare("0.33", "0.3") + "dtype: float32\nout_dtype: bfloat16\n", 7);
        assertThat(sequence(wide, HEAD).threshold(0.33)).isEqualTo(0.33f);
    }

    @Test
    void snapshotsAreCounted() throws IOException {
        long elements = 3_000_000;
        for (String name : List.of("base", "a", "b")) {
            models.model(name, List.of(TestTensor.of("x", Dtype.F8_E4M3, Shape.of(1500, 2000), new float[(int) elements])));
        }
        PlannedTensor tensor = plan(dare("0.5", "0.3"), 7).tensors().getFirst();
        PlannedTensor philox = models.plan(dare("0.5", "0.3")).tensors().getFirst();
        long masks = 2 * Math.ceilDiv(elements, 8);
        assertThat(tensor.memory() - philox.memory() - masks)
                .isBetween(2 * elements / 128, 2 * elements / 128 + 3 * MersenneTwister.BYTES);
    }

    @Test
    void thePlanSaysHowMasksAreDrawn() {
        String yaml = dare("0.5", "0.3");
        assertThat(plan(yaml, 7).hash()).isNotEqualTo(plan(yaml, 8).hash()).isNotEqualTo(models.plan(yaml).hash());
        assertThat(plan(yaml, 7).rng()).hasToString("mergekit");
        assertThat(models.plan(yaml).rng()).hasToString("philox");
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 1L << 32})
    void seedsHave32Bits(long seed) {
        assertThatExceptionOfType(UsageException.class)
                .isThrownBy(() -> plan(dare("0.5", "0.3"), seed))
                .withMessageContaining("4294967295")
                .withMessageContaining(Long.toString(seed));
        assertThat(plan(dare("0.5", "0.3"), (1L << 32) - 1).seed()).isEqualTo(4294967295L);
    }
}

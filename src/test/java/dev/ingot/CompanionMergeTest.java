// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.checkpoint.Shape;
import dev.ingot.fixture.MaskedMethod;
import dev.ingot.fixture.Provided;
import dev.ingot.fixture.TestCheckpoint;
import dev.ingot.fixture.TestTensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Merges with masks and recorded random numbers against the same in plain Java. */
class CompanionMergeTest {
    private static final int ROWS = 37;
    private static final int COLUMNS = 1301;
    private static final int N = ROWS * COLUMNS;

    @TempDir
    private Path directory;

    private final SplittableRandom random = new SplittableRandom(5);
    private float[] base;
    private float[] one;
    private float[] two;
    private float[] drawsOne;
    private float[] drawsTwo;

    @BeforeEach
    void writeModels() throws IOException {
        base = write("base", true, Dtype.F32);
        one = write("one", true, Dtype.F32);
        two = write("two", true, Dtype.F32);
        drawsOne = write("draws-one", false, Dtype.F32);
        drawsTwo = write("draws-two", false, Dtype.F64);
    }

    private float[] write(String name, boolean symmetric, Dtype type) throws IOException {
        float[] values = new float[N];
        for (int i = 0; i < N; i++) {
            float uniform = (random.nextInt() >>> 8) * 0x1p-24f;
            values[i] = symmetric ? uniform - 0.5f : uniform;
        }
        TestCheckpoint.write(directory.resolve(name), List.of(TestTensor.of("w", type, Shape.of(ROWS, COLUMNS), values)));
        return values;
    }

    private double[] merge(String yaml, String rng, String io) {
        try {
            Path output = Files.createTempDirectory(directory, "out");
            MergeRequest request = MergeRequest.ofYaml(yaml, "test.yml", directory, output)
                    .withRng(rng).withIo(io).withThreads(2).withSeed(9);
            return TestCheckpoint.read(Ingot.create().merge(request).output()).get("w").values();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private float[] deltas(float[] model) {
        float[] deltas = new float[N];
        for (int i = 0; i < N; i++) {
            deltas[i] = model[i] - base[i];
        }
        return deltas;
    }

    @Test
    void thePlanNamesThem() {
        MergePlan plan = Ingot.create().plan(MergeRequest.ofYaml(
                yaml("dare_linear", "{density: 0.3}"), "test.yml", directory, directory.resolve("out")));
        assertThat(plan.toText()).contains("further  draws-one  ", "further  draws-two  ");
        assertThat(plan.toJson()).contains("\"companions\"", "draws-two/model.safetensors");
    }

    /** How many of the element's row are smaller, or equal and before it. */
    private static int rank(float[] deltas, int element) {
        int first = element / COLUMNS * COLUMNS;
        int rank = 0;
        for (int i = first; i < first + COLUMNS; i++) {
            float other = Math.abs(deltas[i]);
            float own = Math.abs(deltas[element]);
            rank += other < own || other == own && i < element ? 1 : 0;
        }
        return rank;
    }

    private static String yaml(String method, String parameters) {
        return """
                merge_method: %s
                base_model: base
                models:
                - {model: one, draws: draws-one, parameters: {weight: 0.75}}
                - {model: two, draws: draws-two, parameters: {weight: -0.5}}
                parameters: %s
                """.replaceFirst("%s", method).replaceFirst("%s", parameters);
    }

    @ParameterizedTest
    @CsvSource({"philox, auto", "mergekit, auto", "philox, pread"})
    void dareTakesRecordedNumbers(String rng, String io) {
        double[] merged = merge(yaml("dare_linear", "{density: 0.3, rescale: false}"), rng, io);
        float[] first = deltas(one);
        float[] second = deltas(two);
        // mergekit rounds probabilities as torch does, and 0.3 in float32 is the same either way
        for (int i = 0; i < N; i++) {
            float a = 0.75f * (drawsOne[i] < 0.3f ? first[i] : 0);
            float b = -0.5f * (drawsTwo[i] < 0.3f ? second[i] : 0);
            assertThat(merged[i]).isEqualTo(base[i] + (a + b));
        }
    }

    @Test
    void rescalesByWhatTheNumbersKept() {
        String yaml = "merge_method: dare_ties\nbase_model: base\n"
                + "models: [{model: one, draws: draws-one}]\nparameters: {weight: 1, density: 0.3}\n";
        double[] merged = merge(yaml, "philox", "auto");
        float[] deltas = deltas(one);
        double all = 0;
        double kept = 0;
        for (int i = 0; i < N; i++) {
            all += Math.abs(deltas[i]);
            kept += drawsOne[i] < 0.3f ? Math.abs(deltas[i]) : 0;
        }
        for (int i = 0; i < N; i++) {
            double expected = base[i] + (drawsOne[i] < 0.3f ? deltas[i] * (all / kept) : 0);
            assertThat(merged[i]).isCloseTo(expected, within(1e-6));
        }
    }

    /** Ranks, which are made during the pass, stand behind the recorded numbers. */
    @Test
    void dellaTakesRecordedNumbers() {
        double[] merged = merge(yaml("della_linear", "{density: 0.5, epsilon: 0.25, rescale: false}"), "philox", "auto");
        float[] first = deltas(one);
        float[] second = deltas(two);
        for (int i = 0; i < N; i += 7) {
            float a = drawsOne[i] < 0.25f + 0.5f * (rank(first, i) / (COLUMNS - 1f)) ? first[i] : 0;
            float b = drawsTwo[i] < 0.25f + 0.5f * (rank(second, i) / (COLUMNS - 1f)) ? second[i] : 0;
            assertThat(merged[i]).isEqualTo(base[i] + (0.75f * a + -0.5f * b));
        }
    }

    /** A model without recorded numbers keeps those that it would have if no other had any. */
    @Test
    void otherModelsDrawAsBefore() {
        String with = yaml("dare_linear", "{density: 0.4, rescale: false}").replace(", draws: draws-two", "");
        double[] mixed = merge(with.replace("weight: 0.75", "weight: 0"), "philox", "auto");
        double[] before = merge(
                with.replace(", draws: draws-one", "").replace("weight: 0.75", "weight: 0"), "philox", "auto");
        assertThat(mixed).isEqualTo(before);
    }

    @Test
    void masksMultiplyInFormulas() throws IOException {
        double[] merged = Provided.during(directory.resolve("providers"), MaskedMethod.class, () ->
                merge(masked("mask: draws-one", "formula"), "philox", "auto"));
        float[] first = deltas(one);
        float[] second = deltas(two);
        for (int i = 0; i < N; i++) {
            assertThat(merged[i]).isEqualTo(base[i] + drawsOne[i] * first[i] + second[i]);
        }
    }

    /** Kernels with a number per merged model do not see what stands behind these. */
    @ParameterizedTest
    @CsvSource({"sum", "merge"})
    void otherStepsSeeTheMergedModelsAlone(String way) throws IOException {
        double[] with = Provided.during(directory.resolve("providers"), MaskedMethod.class, () ->
                merge(masked("mask: draws-one, draws: draws-two", way), "philox", "auto"));
        double[] without = Provided.during(directory.resolve("providers"), MaskedMethod.class, () ->
                merge(masked("parameters: {}", way), "philox", "auto"));
        assertThat(with).isEqualTo(without);
        assertThat(with[0]).isNotEqualTo(base[0]);
    }

    private static String masked(String companions, String way) {
        return "merge_method: masked\nbase_model: base\nmodels: [{model: one, " + companions
                + "}, {model: two}]\nparameters: {way: " + way + "}\n";
    }
}

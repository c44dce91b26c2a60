// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.checkpoint.Shape;
import dev.ingot.fixture.Merges;
import dev.ingot.fixture.TestCheckpoint;
import dev.ingot.fixture.TestTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights of WIDEN, VaRM and SCE on tensors so small that they are computed by hand. */
class ColumnWeightsTest {
    private static final String MATRIX = "model.layers.0.mlp.up_proj.weight";
    private static final String EMBEDDING = "model.embed_tokens.weight";
    private static final String HEAD = "lm_head.weight";
    private static final String NORM = "model.norm.weight";

    @TempDir
    private Path directory;

    private final Ingot ingot = Ingot.create();

    private void write(String model, String tensor, Shape shape, float... values) throws IOException {
        TestCheckpoint.write(directory.resolve(model), List.of(TestTensor.of(tensor, Dtype.F32, shape, values)));
    }

    private double[] merge(String method, String parameters, String tensor, String... models) throws IOException {
        Path output = Files.createTempDirectory(directory, "out");
        String yaml = Merges.yaml(method, parameters, models);
        Map<String, TestTensor> merged =
                TestCheckpoint.read(ingot.merge(MergeRequest.ofYaml(yaml, "test", directory, output)).output());
        return merged.get(tensor).values();
    }

    /**
     * The change of the norm ranks the columns 0, 1, 2 in a and 2, 1, 0 in b; no column turns, which ranks them 0, 1, 2 in both.
     * Ranks are 0, 1/3 and 2/3, their average 1/3. Above it is column 2 of a, column 0 of b, and column 2 of both.
     */
    private void writeColumns(String tensor, boolean transposed) throws IOException {
        Shape shape = transposed ? Shape.of(3, 2) : Shape.of(2, 3);
        // One element of each column, so that which one it is shows in the shape alone.
        write("base", tensor, shape, columns(transposed, 1, 1, 1));
        write("a", tensor, shape, columns(transposed, 2, 3, 4));
        write("b", tensor, shape, columns(transposed, 7, 6, 5));
    }

    private static float[] columns(boolean transposed, float first, float second, float third) {
        return transposed ? new float[] {first, 0, second, 0, third, 0} : new float[] {first, second, third, 0, 0, 0};
    }

    /** What {@link #writeColumns} must give with these scores for what is not calibrated, and this one for what is. */
    private static double[] expected(double calibrated) {
        double low = Math.exp(-2.0 / 3) / (1 + Math.exp(-2.0 / 3));
        double[] a = {(low + 0.5) / 2, 0.5, calibrated};
        double[] b = {(calibrated + 0.5) / 2, 0.5, (1 / (1 + Math.exp(2.0 / 3)) + calibrated) / 2};
        double[] merged = new double[3];
        double[] ofA = {1, 2, 3};
        double[] ofB = {6, 5, 4};
        for (int i = 0; i < 3; i++) {
            merged[i] = 1 + a[i] * ofA[i] + b[i] * ofB[i];
        }
        return merged;
    }

    @Test
    void columnsOfAMatrixAreWeighted() throws IOException {
        for (String name : List.of(MATRIX, HEAD)) {
            writeColumns(name, false);
            for (double calibrated : new double[] {1, 0.25}) {
                double[] merged = merge("widen", "{score_calibration_value: " + calibrated + "}", name, "a {}", "b {}");
                double[] expected = expected(calibrated);
                assertThat(merged)
                        .as(name)
                        .containsExactly(new double[] {expected[0], expected[1], expected[2], 0, 0, 0}, within(2e-6));
            }
        }
    }

    @Test
    void tokensOfAnEmbeddingAreWeighted() throws IOException {
        for (String name : List.of(EMBEDDING, "language_model.model.embed_tokens.weight", "transformer.wte.weight")) {
            writeColumns(name, true);
            double[] expected = expected(1);
            assertThat(merge("widen", "{}", name, "a {}", "b {}"))
                    .as(name)
                    .containsExactly(new double[] {expected[0], 0, expected[1], 0, expected[2], 0}, within(2e-6));
        }
    }

    /** Above the average change of their model are 3 of a and 4 of b; the others share by softmax of the changes themselves. */
    @Test
    void elementsOfAVectorAreWeighted() throws IOException {
        write("base", NORM, Shape.of(3), 1, 1, 1);
        write("a", NORM, Shape.of(3), 4, 1, 2);
        write("b", NORM, Shape.of(3), 2, -3, 1);
        double first = Math.exp(1) / (Math.exp(3) + Math.exp(1));
        double third = Math.exp(1) / (Math.exp(1) + 1);
        assertThat(merge("widen", "{score_calibration_value: 0.5}", NORM, "a {}", "b {}"))
                .containsExactly(new double[] {1 + 0.5 * 3 + first, 1 - 0.5 * 4, 1 + third}, within(2e-6));
    }

    /** Columns of zeros, in the base, in a model or in all, and changes of hundreds in a vector. */
    @Test
    void zerosAndLargeChangesGiveNumbers() throws IOException {
        write("base", MATRIX, Shape.of(2, 3), 0, 1, 0, 0, 2, 0);
        write("a", MATRIX, Shape.of(2, 3), 3, 0, 0, 4, 0, 0);
        write("b", MATRIX, Shape.of(2, 3), 0, 1, 0, 0, 2, 0);
        double[] merged = merge("widen", "{}", MATRIX, "a {}", "b {}");
        assertThat(merged).doesNotContain(Double.NaN);
        assertThat(new double[] {merged[2], merged[5]}).containsExactly(0, 0);
        write("base", NORM, Shape.of(2), 0, 0);
        write("a", NORM, Shape.of(2), 500, 499);
        write("b", NORM, Shape.of(2), -700, 499);
        assertThat(merge("widen", "{}", NORM, "a {}", "b {}")).doesNotContain(Double.NaN);
    }

    @Test
    void varianceRatioGoesWithTheSquareOfTheChange() throws IOException {
        write("base", MATRIX, Shape.of(1, 3), 1, 1, 1);
        write("a", MATRIX, Shape.of(1, 3), 2, 0, 1);
        write("b", MATRIX, Shape.of(1, 3), 1, 3, 1);
        // Sums of squares 2 and 4.
        assertThat(merge("varm", "{}", MATRIX, "a {}", "b {}"))
                .containsExactly(new double[] {1 + 1 / 3.0, 1 - 1 / 3.0 + 4 / 3.0, 1}, within(1e-6));
    }

    /** Mean squares of 1e-8, 9e-8 and 81e-8 are below mergekit's threshold together, and weights nevertheless. */
    @Test
    void sceOfFuseChatWeighsSmallChangesToo() throws IOException {
        Shape shape = Shape.of(1, 4);
        write("base", MATRIX, shape, 0, 0, 0, 0);
        write("a", MATRIX, shape, Merges.constant(4, 1e-4f));
        write("b", MATRIX, shape, Merges.constant(4, 3e-4f));
        write("c", MATRIX, shape, Merges.constant(4, 9e-4f));
        double uniform = 13e-4 / 3;
        double weighted = (1 * 1e-4 + 9 * 3e-4 + 81 * 9e-4) / 91;
        String[] models = {"a {}", "b {}", "c {}"};
        assertThat(merge("sce", "{}", MATRIX, models)[0]).isCloseTo(uniform, within(1e-9));
        assertThat(merge("sce_fusechat", "{}", MATRIX, models)[0]).isCloseTo(weighted, within(1e-9));
    }

    /** Angles of 0 and two of 90 degrees have a mean of 60 degrees, whose cosine is 1/2; the mean cosine is 1/3. */
    @Test
    void meanAngleIsNotTheAngleOfTheMeanCosine() throws IOException {
        write("base", MATRIX, Shape.of(1, 2), 0, 0);
        write("a", MATRIX, Shape.of(1, 2), 3, 0);
        write("b", MATRIX, Shape.of(1, 2), 6, 0);
        write("c", MATRIX, Shape.of(1, 2), 0, 9);
        String[] models = {"a {}", "b {}", "c {}"};
        double byAngles = 3 * 0.5 / (1 + 2 * 0.5);
        double byCosines = 3 * (1 / 3.0) / (1 + 2 / 3.0);
        // FusionBench's 1e-8 in the divisor makes an angle of 0 one of 0.002 degrees.
        assertThat(merge("model_stock", "{average_angles: true}", MATRIX, models))
                .containsExactly(new double[] {3 * byAngles, 3 * byAngles}, within(5e-5));
        assertThat(merge("model_stock", "{}", MATRIX, models))
                .containsExactly(new double[] {3 * byCosines, 3 * byCosines}, within(1e-6));
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.checkpoint.Shape;
import dev.ingot.error.ConfigException;
import dev.ingot.fixture.Merges;
import dev.ingot.fixture.TestCheckpoint;
import dev.ingot.fixture.TestTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Singular projection merging against the same in float64, written for this test from its description. */
class SingularProjectionTest {
    @TempDir
    private static Path directory;

    @BeforeAll
    static void writeModels() throws IOException {
        SplittableRandom random = new SplittableRandom(19);
        for (String model : List.of("base", "a")) {
            TestCheckpoint.write(directory.resolve(model), List.of(
                    tensor("flat", random, 4, 7), tensor("high", random, 7, 4), tensor("square", random, 5, 5)));
        }
    }

    private static TestTensor tensor(String name, SplittableRandom random, int rows, int columns) {
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return TestTensor.of(name, Dtype.F32, Shape.of(rows, columns), values);
    }

    @ParameterizedTest
    @CsvSource({
        "leading, -1", "leading, 1", "leading, 3", "leading, 9", "trailing, -1", "trailing, 2", "trailing, 0", "complement, -1",
        "complement, 2", "complement, 4"
    })
    void isTheProjectionOnBothSides(String subspace, int k) throws IOException {
        Path output = Files.createTempDirectory(directory, "out");
        String yaml = Merges.yaml("singular_projection", "{k: " + k + ", subspace: " + subspace + "}", "a {}");
        Ingot.create().merge(MergeRequest.ofYaml(yaml, "test", directory, output));
        for (String name : List.of("flat", "high", "square")) {
            TestTensor merged = TestCheckpoint.read(output).get(name);
            assertThat(merged.values())
                    .as(name)
                    .containsExactly(expected(name, merged.shape(), subspace, k), within(5e-6));
        }
    }

    private static double[] expected(String name, Shape shape, String subspace, int k) throws IOException {
        int columns = (int) shape.dim(1);
        double[] base = TestCheckpoint.read(directory.resolve("base")).get(name).values();
        double[] expert = TestCheckpoint.read(directory.resolve("a")).get(name).values();
        double[] delta = new double[base.length];
        Arrays.setAll(delta, i -> expert[i] - base[i]);
        SingularValues svd = SingularValues.of(SingularValues.matrix(base, columns));
        int leading = k < 0 ? half(svd.values()) : Math.min(k, svd.values().length);
        double[][] d = SingularValues.matrix(delta, columns);
        double[][] left = project(SingularValues.transpose(d), svd.left(), subspace, leading);
        double[][] both = project(SingularValues.transpose(left), svd.right(), subspace, leading);
        double[] result = new double[base.length];
        Arrays.setAll(result, i -> base[i] + both[i / columns][i % columns]);
        return result;
    }

    private static int half(double[] values) {
        double total = Arrays.stream(values).sum();
        int count = 0;
        for (double sum = 0; sum < 0.5 * total; count++) {
            sum += values[count];
        }
        return count;
    }

    /** Projects every row. */
    private static double[][] project(double[][] rows, double[][] vectors, String subspace, int leading) {
        int from = subspace.equals("trailing") ? leading : 0;
        int to = subspace.equals("trailing") ? vectors.length : leading;
        double[][] projected = new double[rows.length][rows[0].length];
        for (int i = 0; i < rows.length; i++) {
            for (int j = from; j < to; j++) {
                double along = SingularValues.dot(rows[i], vectors[j]);
                for (int x = 0; x < rows[i].length; x++) {
                    projected[i][x] += along * vectors[j][x];
                }
            }
            if (subspace.equals("complement")) {
                for (int x = 0; x < rows[i].length; x++) {
                    projected[i][x] = rows[i][x] - projected[i][x];
                }
            }
        }
        return projected;
    }

    /** Each matrix: base and expert for the sum, the base alone for its vectors, the base again for the output. */
    @Test
    void theBaseIsCountedAsOftenAsItIsRead() {
        String yaml = Merges.yaml("singular_projection", "{others: base}", "a {}");
        MergeRequest request = MergeRequest.ofYaml(yaml, "test", directory, directory.resolve("counted"));
        long planned = Ingot.create().plan(request).bytesToRead();
        String without = Merges.yaml("singular_projection", "{others: base, k: 0}", "a {}");
        long least = Ingot.create()
                .plan(MergeRequest.ofYaml(without, "test", directory, directory.resolve("counted")))
                .bytesToRead();
        assertThat(planned).isGreaterThan(least);
        assertThat(Ingot.create().merge(request).bytesRead()).isEqualTo(planned);
    }

    @Test
    void refusesPartsOfVectors() {
        String yaml = Merges.yaml("singular_projection", "{k: 1.5}", "a {}");
        assertThatThrownBy(() ->
                        Ingot.create().merge(MergeRequest.ofYaml(yaml, "test", directory, directory.resolve("refused"))))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("parameter 'k' is");
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.checkpoint.Shape;
import dev.ingot.error.ConfigException;
import dev.ingot.fixture.TestCheckpoint;
import dev.ingot.fixture.TestTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** PCB-Merging against {@link PcbReference}, and what must hold of it whatever the numbers are. */
class PcbTest {
    private static final List<String> INTER = List.of("raw", "half_normalized", "normalized");

    @TempDir
    private Path directory;

    private final Ingot ingot = Ingot.create();

    /** What task vectors look like. */
    private enum Data {
        /** Far beyond the range in which tanh is a power series. */
        LARGE,
        /** As after fine-tuning: products of task vectors are about 1e-6. */
        SMALL,
        /** Few different numbers, a third of them 0, and elements that are the same in all models. */
        TIED
    }

    private static double[][] vectors(Data data, int models, int elements) {
        SplittableRandom random = new SplittableRandom(31L * elements + models);
        double[][] vectors = new double[models][elements];
        for (int e = 0; e < elements; e++) {
            boolean repeated = data == Data.TIED && e > 0 && random.nextInt(4) == 0;
            for (double[] vector : vectors) {
                vector[e] = repeated ? vector[e - 1] : value(data, random);
            }
        }
        return vectors;
    }

    private static float value(Data data, SplittableRandom random) {
        double normal = random.nextDouble() + random.nextDouble() + random.nextDouble() - 1.5;
        return (float) switch (data) {
            case LARGE -> 3 * normal;
            case SMALL -> 1e-3 * normal;
            case TIED -> random.nextInt(3) == 0 ? 0 : random.nextInt(-16, 17) / 64.0;
        };
    }

    /** Merges models whose base is 0, so that nothing of the result is lost; the elements lie in three tensors. */
    private double[] merge(double[][] vectors, String parameters, double... weights) throws IOException {
        Path models = Files.createTempDirectory(directory, "models");
        StringBuilder yaml = new StringBuilder("merge_method: pcb\nbase_model: base\nmodels:\n");
        write(models.resolve("base"), new double[vectors[0].length]);
        for (int i = 0; i < vectors.length; i++) {
            write(models.resolve("m" + i), vectors[i]);
            double weight = weights.length == 0 ? 1 : weights[i];
            yaml.append("- {model: m").append(i).append(", parameters: {weight: ").append(weight).append("}}\n");
        }
        yaml.append("parameters: ").append(parameters).append('\n');
        Path output = Files.createTempDirectory(directory, "out");
        Map<String, TestTensor> merged = TestCheckpoint.read(
                ingot.merge(MergeRequest.ofYaml(yaml.toString(), "test", models, output)).output());
        return merged.values().stream().flatMapToDouble(tensor -> Arrays.stream(tensor.values())).toArray();
    }

    private static void write(Path model, double[] values) throws IOException {
        List<TestTensor> tensors = new ArrayList<>();
        int[] ends = {0, values.length / 5, values.length / 2, values.length};
        for (int i = 0; i < 3; i++) {
            double[] part = Arrays.copyOfRange(values, ends[i], ends[i + 1]);
            float[] floats = new float[part.length];
            for (int e = 0; e < part.length; e++) {
                floats[e] = (float) part[e];
            }
            tensors.add(TestTensor.of("t" + i, Dtype.F32, Shape.of(part.length), floats));
        }
        TestCheckpoint.write(model, tensors);
    }

    private static void assertSame(double[] found, double[] expected) {
        double squares = 0;
        double difference = 0;
        for (int e = 0; e < expected.length; e++) {
            squares += expected[e] * expected[e];
            difference += (found[e] - expected[e]) * (found[e] - expected[e]);
        }
        assertThat(found).hasSameSizeAs(expected);
        assertThat(difference).as("squared difference, of %s", squares).isLessThanOrEqualTo(1e-9 * squares);
    }

    @TestFactory
    Stream<DynamicTest> isWhatTheAuthorsProgramsCompute() {
        return INTER.stream().flatMap(inter -> Stream.of(Data.values()).flatMap(data -> Stream.of(1, 2, 4, 8, 16)
                .map(models -> DynamicTest.dynamicTest(inter + " " + data + " " + models, () -> {
                    double[][] vectors = vectors(data, models, 1009);
                    double[] weights = new double[models];
                    Arrays.setAll(weights, i -> 0.5 + 0.25 * (i % 3));
                    compare(vectors, inter, 0.01, 0.1, weights);
                    compare(vectors, inter, 0.0001, 0.05, weights);
                    compare(vectors, inter, 0.07, 0.9, new double[] {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1});
                }))));
    }

    private void compare(double[][] vectors, String inter, double clip, double ratio, double... weights)
            throws IOException {
        String parameters = String.format(Locale.ROOT, "{inter: %s, clip: %s, ratio: %s}", inter, clip, ratio);
        double[] used = Arrays.copyOf(weights, vectors.length);
        assertSame(merge(vectors, parameters, used), new PcbReference(inter, clip, ratio).merged(vectors, used));
    }

    @Test
    void modelsOfFewElements() throws IOException {
        for (String inter : INTER) {
            for (int elements : new int[] {1, 2, 3, 5, 11}) {
                for (double clip : new double[] {0, 0.01, 0.3, 0.49}) {
                    compare(vectors(Data.SMALL, 2, elements), inter, clip, 1, 1, 1);
                }
                // Of sums of normalized numbers, float32 and float64 find different ones to be the same.
                Data data = inter.equals("raw") ? Data.TIED : Data.SMALL;
                compare(vectors(data, 3, elements), inter, 0.2, 0.5, 1, 2, 3);
            }
        }
    }

    /** Then the largest score of the second model is below 0, and so are both ends of what counts. */
    @Test
    void modelThatIsAgainstTheOthersEverywhere() throws IOException {
        double[] first = vectors(Data.LARGE, 1, 501)[0];
        double[] second = Arrays.stream(first).map(value -> -value / 2).toArray();
        for (String inter : List.of("raw", "half_normalized")) {
            compare(new double[][] {first, second}, inter, 0.01, 0.1, 1, 1);
            compare(new double[][] {first, second}, inter, 0.01, 0.8, 1, 1);
        }
    }

    @Test
    void oneModelKeepsTheLargestElements() throws IOException {
        double[] vector = vectors(Data.SMALL, 1, 1009)[0];
        double[] sorted = Arrays.stream(vector).map(Math::abs).sorted().toArray();
        for (String inter : INTER) {
            double[] merged = merge(new double[][] {vector}, "{clip: 0, ratio: 0.25, lambda: 2, inter: " + inter + "}");
            double threshold = sorted[(int) (vector.length * 0.75)];
            for (int e = 0; e < vector.length; e++) {
                double expected = Math.abs(vector[e]) > threshold ? 2 * vector[e] : 0;
                assertThat(merged[e]).isCloseTo(expected, within(1e-9));
            }
        }
    }

    @Test
    void orderOfModelsDoesNotMatter() throws IOException {
        double[][] vectors = vectors(Data.LARGE, 3, 503);
        double[][] turned = {vectors[2], vectors[0], vectors[1]};
        for (String inter : INTER) {
            String parameters = "{inter: " + inter + "}";
            assertSame(merge(turned, parameters, 3, 1, 2), merge(vectors, parameters, 1, 2, 3));
        }
    }

    @Test
    void modelsLikeTheBaseChangeNothing() throws IOException {
        for (String inter : INTER) {
            assertThat(merge(new double[3][300], "{inter: " + inter + "}")).containsOnly(0);
        }
        double[] vector = vectors(Data.SMALL, 1, 300)[0];
        double[] opposite = Arrays.stream(vector).map(value -> -value).toArray();
        assertThat(merge(new double[][] {vector, opposite}, "{}")).containsOnly(0);
    }

    @Test
    void tensorsThatAreLeftOutTakeNoPart() throws IOException {
        double[][] vectors = vectors(Data.LARGE, 2, 1000);
        double[] merged = merge(vectors, "{include: [{filter: t1, value: false}, {value: true}]}");
        double[][] others = Arrays.stream(vectors)
                .map(vector -> Stream.of(Arrays.copyOf(vector, 200), Arrays.copyOfRange(vector, 500, 1000))
                        .flatMapToDouble(Arrays::stream)
                        .toArray())
                .toArray(double[][]::new);
        double[] expected = new PcbReference("raw", 0.01, 0.1).merged(others, new double[] {1, 1});
        assertThat(Arrays.copyOfRange(merged, 200, 500)).containsOnly(0);
        assertSame(Arrays.copyOf(merged, 200), Arrays.copyOf(expected, 200));
        assertSame(Arrays.copyOfRange(merged, 500, 1000), Arrays.copyOfRange(expected, 200, 700));
        assertThat(merge(vectors, "{include: false}")).containsOnly(0);
    }

    @Test
    void whatBelongsToTheModelCannotDifferBetweenTensors() {
        assertThatThrownBy(() -> merge(vectors(Data.SMALL, 2, 100), "{ratio: [{filter: t1, value: 0.2}, {value: 0.1}]}"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("ratio differs between tensors t0 and t1");
    }
}

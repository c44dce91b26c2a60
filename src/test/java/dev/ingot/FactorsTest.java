// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.checkpoint.ModelConfig;
import dev.ingot.checkpoint.Shape;
import dev.ingot.error.CheckpointException;
import dev.ingot.error.ConfigException;
import dev.ingot.fixture.Merges;
import dev.ingot.fixture.SameTensors;
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
import java.util.SortedMap;
import java.util.function.UnaryOperator;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What must hold of factors: those of full rank are the model, routers measure what a change does to an input. */
class FactorsTest {
    private static final Map<String, Shape> SHAPES = Map.of(
            "tall.weight", Shape.of(37, 5),
            "tall.bias", Shape.of(37),
            "wide.weight", Shape.of(4, 41),
            "row.weight", Shape.of(1, 9),
            "column.weight", Shape.of(9, 1),
            "large.weight", Shape.of(120, 90),
            "norm.weight", Shape.of(23),
            "norm.bias", Shape.of(23));

    @TempDir
    private static Path directory;

    private final Ingot ingot = Ingot.create();

    @BeforeAll
    static void writeModels() throws IOException {
        SplittableRandom random = new SplittableRandom(5);
        for (String name : List.of("base", "a", "b")) {
            Map<String, TestTensor> tensors = new LinkedHashMap<>();
            SHAPES.keySet().stream().sorted().forEach(tensor -> {
                float[] values = new float[(int) SHAPES.get(tensor).elements()];
                for (int i = 0; i < values.length; i++) {
                    values[i] = (float) random.nextDouble(-1, 1);
                }
                tensors.put(tensor, TestTensor.of(tensor, Dtype.F32, SHAPES.get(tensor), values));
            });
            TestCheckpoint.write(directory.resolve(name), tensors.values());
        }
    }

    private Path write(String parameters, UnaryOperator<MergeRequest> with) throws IOException {
        String yaml = Merges.yaml("smile", parameters, "a {}", "b {}");
        Path output = Files.createTempDirectory(directory, "out");
        return ingot.merge(with.apply(MergeRequest.ofYaml(yaml, "test", directory, output).asFactors("float32")))
                .output();
    }

    private Map<String, TestTensor> factors(String parameters, String model) throws IOException {
        return TestCheckpoint.read(
                write(parameters, request -> request).resolve("factors-" + model + ".safetensors"));
    }

    private static double[] delta(String model, String tensor) throws IOException {
        double[] delta = TestCheckpoint.read(directory.resolve(model)).get(tensor).values();
        double[] base = TestCheckpoint.read(directory.resolve("base")).get(tensor).values();
        for (int i = 0; i < delta.length; i++) {
            delta[i] -= base[i];
        }
        return delta;
    }

    private static double[] product(TestTensor up, TestTensor down) {
        int rank = (int) up.shape().dim(1);
        int columns = (int) down.shape().dim(1);
        double[] left = up.values();
        double[] right = down.values();
        double[] product = new double[(int) up.shape().dim(0) * columns];
        for (int i = 0; i < product.length; i++) {
            for (int j = 0; j < rank; j++) {
                product[i] += left[i / columns * rank + j] * right[j * columns + i % columns];
            }
        }
        return product;
    }

    @Test
    void factorsOfFullRankAreTheModel() throws IOException {
        for (String model : List.of("a", "b")) {
            Map<String, TestTensor> factors = factors("{k: 1000}", model);
            for (String tensor : List.of("tall.weight", "wide.weight", "row.weight", "column.weight", "large.weight")) {
                assertThat(product(factors.get(tensor + ".up"), factors.get(tensor + ".down")))
                        .as(tensor)
                        .containsExactly(delta(model, tensor), within(1e-5));
            }
            assertThat(factors.get("tall.bias.difference").values())
                    .containsExactly(delta(model, "tall.bias"), within(1e-6));
            assertThat(factors.keySet()).noneMatch(name -> name.startsWith("norm"));
        }
    }

    /** What is cut off is orthogonal to what is kept, and none of it is larger. */
    @Test
    void factorsOfLowRankAreTheLeadingPart() throws IOException {
        Map<String, TestTensor> factors = factors("{k: 7, gate_k: 90}", "b");
        TestTensor up = factors.get("large.weight.up");
        TestTensor down = factors.get("large.weight.down");
        assertThat(up.shape()).isEqualTo(Shape.of(120, 7));
        assertThat(down.shape()).isEqualTo(Shape.of(7, 90));
        double[] rest = delta("b", "large.weight");
        double[] kept = product(up, down);
        double dot = 0;
        double whole = 0;
        for (int i = 0; i < rest.length; i++) {
            whole += rest[i] * rest[i];
            dot += kept[i] * (rest[i] - kept[i]);
        }
        assertThat(dot / whole).isCloseTo(0, within(1e-6));
        double[] values = down.values();
        double last = norm(values, 0);
        for (int j = 1; j < 7; j++) {
            assertThat(norm(values, j)).isLessThanOrEqualTo(last * (1 + 1e-6));
            last = norm(values, j);
        }
    }

    private static double norm(double[] rows, int row) {
        double squares = 0;
        for (int i = 0; i < 90; i++) {
            squares += rows[row * 90 + i] * rows[row * 90 + i];
        }
        return Math.sqrt(squares);
    }

    /** With all of its vectors a router has the norm of the input, which no rotation changes. */
    @Test
    void routersAreOrthonormal() throws IOException {
        for (String parameters : List.of("{gate_k: 1000}", "{gate_k: 1000, routing_use_diff: false}")) {
            double[] router = factors(parameters, "a").get("large.weight.router").values();
            SplittableRandom random = new SplittableRandom(3);
            double[] x = random.doubles(90, -1, 1).toArray();
            double logit = 0;
            double norm = 0;
            for (int j = 0; j < 90; j++) {
                double row = 0;
                for (int i = 0; i < 90; i++) {
                    row += router[j * 90 + i] * x[i];
                }
                logit += row * row;
                norm += x[j] * x[j];
            }
            assertThat(Math.sqrt(logit)).isCloseTo(Math.sqrt(norm), within(1e-5));
        }
        assertThat(factors("{}", "a").get("large.weight.router").values())
                .isNotEqualTo(factors("{routing_use_diff: false}", "a").get("large.weight.router").values());
    }

    /** A router's logit is the norm of V^T x, so for the first vector its share of what the change does to x. */
    @Test
    void routersAreTheDirectionsOfDown() throws IOException {
        Map<String, TestTensor> factors = factors("{k: 5, gate_k: 5}", "a");
        double[] router = factors.get("large.weight.router").values();
        double[] down = factors.get("large.weight.down").values();
        for (int j = 0; j < 5; j++) {
            for (int i = 0; i < 90; i++) {
                assertThat(router[j * 90 + i] * norm(down, j)).isCloseTo(down[j * 90 + i], within(1e-5));
            }
            double[] row = Arrays.copyOfRange(router, j * 90, (j + 1) * 90);
            assertThat(DoubleStream.of(row).max().orElseThrow())
                    .as("signs that do not depend on the decomposition")
                    .isGreaterThan(-DoubleStream.of(row).min().orElseThrow());
        }
    }

    /** A router of what happens to be a decomposition's vectors for the value 0 would win inputs for nothing. */
    @Test
    void changesOfNoOrLowRankHaveNoFurtherVectors() throws IOException {
        Path family = Files.createDirectory(directory.resolve("low-rank"));
        Map<String, TestTensor> base = TestCheckpoint.read(directory.resolve("base"));
        TestTensor large = base.get("large.weight");
        for (int rank : new int[] {0, 2}) {
            SplittableRandom random = new SplittableRandom(8);
            double[] left = random.doubles(120L * rank, -1, 1).toArray();
            double[] right = random.doubles(90L * rank, -1, 1).toArray();
            // Multiples of powers of two, so that the deltas are of this rank without rounding.
            float[] zeros = new float[120 * 90];
            float[] values = new float[120 * 90];
            for (int i = 0; i < values.length; i++) {
                for (int j = 0; j < rank; j++) {
                    values[i] += (float) (Math.rint(left[i / 90 * rank + j] * 64) * Math.rint(right[i % 90 * rank + j] * 64));
                }
            }
            TestCheckpoint.write(
                    family.resolve("base"), List.of(TestTensor.of("large.weight", Dtype.F32, large.shape(), zeros)));
            TestCheckpoint.write(
                    family.resolve("rank" + rank), List.of(TestTensor.of("large.weight", Dtype.F32, large.shape(), values)));
            // One rank by a sketch, one by the exact way.
            for (int k : new int[] {5, 80}) {
                String yaml = Merges.yaml("smile", "{k: " + k + ", gate_k: " + k + "}", "rank" + rank + " {}");
                Path output = Files.createTempDirectory(directory, "out");
                Map<String, TestTensor> factors = TestCheckpoint.read(ingot.merge(
                                MergeRequest.ofYaml(yaml, "test", family, output).asFactors("float32"))
                        .output()
                        .resolve("factors-rank" + rank + ".safetensors"));
                double[] up = factors.get("large.weight.up").values();
                double[] down = factors.get("large.weight.down").values();
                double[] router = factors.get("large.weight.router").values();
                for (int j = 0; j < k; j++) {
                    double lengthOfUp = 0;
                    for (int i = 0; i < 120; i++) {
                        lengthOfUp += up[i * k + j] * up[i * k + j];
                    }
                    assertThat(lengthOfUp).isCloseTo(j < rank ? 1 : 0, within(j < rank ? 1e-5 : 0.0));
                    assertThat(norm(router, j)).isCloseTo(j < rank ? 1 : 0, within(j < rank ? 1e-5 : 0.0));
                    assertThat(norm(down, j) > 0).isEqualTo(j < rank);
                }
            }
        }
    }

    @Test
    void withoutRankWholeChangesAreKept() throws IOException {
        Map<String, TestTensor> factors = factors("{k: 0}", "a");
        assertThat(factors.get("wide.weight.difference").values())
                .containsExactly(delta("a", "wide.weight"), within(1e-6));
        assertThat(factors).doesNotContainKey("wide.weight.up").containsKey("wide.weight.router");
    }

    @Test
    void filesDoNotDependOnThreads() throws IOException {
        Path one = write("{k: 9}", request -> request.withThreads(1));
        Path many = write("{k: 9}", request -> request.withThreads(4).withMemory(256L << 20).withIo("pread"));
        for (String model : List.of("a", "b")) {
            SortedMap<String, TestTensor> expected =
                    TestCheckpoint.read(one.resolve("factors-" + model + ".safetensors"));
            SameTensors.assertSame(TestCheckpoint.read(many.resolve("factors-" + model + ".safetensors")), expected);
        }
        ModelConfig json = ModelConfig.read(one.resolve("factors.json"));
        assertThat(json.strings("tasks")).containsExactly("a", "b");
        assertThat(json.strings("factors")).containsExactly("factors-a.safetensors", "factors-b.safetensors");
    }

    @Test
    void mergedModelIsWhatExpertsShare() throws IOException {
        Path output = Files.createTempDirectory(directory, "out");
        String yaml = Merges.yaml("smile", "{others: average}", "a {}", "b {}");
        Map<String, TestTensor> merged = TestCheckpoint.read(
                ingot.merge(MergeRequest.ofYaml(yaml, "test", directory, output)).output());
        Map<String, TestTensor> base = TestCheckpoint.read(directory.resolve("base"));
        assertThat(merged.get("large.weight").data()).isEqualTo(base.get("large.weight").data());
        assertThat(merged.get("norm.weight").data()).isNotEqualTo(base.get("norm.weight").data());
    }

    /** A bias belongs to the change of its layer: one that not all have is refused, one that the base lacks is announced. */
    @Test
    void biasesThatSomeLack() throws IOException {
        for (List<String> owners : List.of(List.of("base"), List.of("base", "a"), List.of("a", "b"))) {
            Path family = Files.createTempDirectory(directory, "biases");
            String layer = "model.layers.0.self_attn.q_proj";
            for (String name : List.of("base", "a", "b")) {
                List<TestTensor> tensors = new ArrayList<>();
                tensors.add(TestTensor.of(layer + ".weight", Dtype.F32, Shape.of(2, 2), 1, 2, 3, name.charAt(0)));
                if (owners.contains(name)) {
                    tensors.add(TestTensor.of(layer + ".bias", Dtype.F32, Shape.of(2), 1, name.charAt(0)));
                }
                TestCheckpoint.write(family.resolve(name), tensors);
                Files.writeString(
                        family.resolve(name).resolve("config.json"),
                        "{\"architectures\": [\"LlamaForCausalLM\"], \"model_type\": \"llama\", \"num_hidden_layers\": 1}");
            }
            MergeRequest request = MergeRequest.ofYaml(
                            Merges.yaml("smile", "{}", "a {}", "b {}"), "test", family, family.resolve("out"))
                    .asFactors("float32");
            if (owners.contains("base")) {
                assertThatThrownBy(() -> ingot.plan(request))
                        .isInstanceOf(CheckpointException.class)
                        .hasMessageContaining("'" + layer + ".bias' is missing")
                        .extracting(error -> ((CheckpointException) error).hint())
                        .asString()
                        .contains("'" + layer + ".weight'", "matrices");
            } else {
                assertThat(ingot.plan(request).plan().warnings())
                        .anyMatch(warning -> warning.contains(layer + ".bias") && warning.contains("left out"));
            }
        }
    }

    @Test
    void otherMethodsHaveNoFactors() {
        MergeRequest request = MergeRequest.ofYaml(
                Merges.yaml("ties", "{}", "a {weight: 1}"), "test", directory, directory.resolve("none"));
        assertThatThrownBy(() -> ingot.merge(request.asFactors("float32")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("has no factors");
        MergeRequest nothing = MergeRequest.ofYaml(
                Merges.yaml("smile", "{matrices: base}", "a {}"), "test", directory, directory.resolve("none"));
        assertThatThrownBy(() -> ingot.merge(nothing.asFactors("float32")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("no tensor has factors");
    }
}

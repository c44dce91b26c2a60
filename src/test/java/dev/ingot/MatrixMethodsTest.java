// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import static dev.ingot.fixture.SameTensors.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.checkpoint.Shape;
import dev.ingot.error.CheckpointException;
import dev.ingot.error.ResourceException;
import dev.ingot.fixture.Merges;
import dev.ingot.fixture.SameTensors;
import dev.ingot.fixture.TestCheckpoint;
import dev.ingot.fixture.TestFamily;
import dev.ingot.fixture.TestTensor;
import dev.ingot.linalg.LinearAlgebra;
import dev.ingot.method.MethodSpec;
import dev.ingot.method.Methods;
import dev.ingot.plan.Plan;
import dev.ingot.plan.PlannedTensor;
import dev.ingot.plan.Resources;
import dev.ingot.report.MachineMemory;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** What must hold of every method that works on whole matrices. */
class MatrixMethodsTest {
    /** Parameters by method, with which it has little to do. */
    private static final Map<String, String> METHODS = Map.ofEntries(
            Map.entry("tsv_m", "{alpha: 0.9}"),
            Map.entry("iso_c", "{}"),
            Map.entry("iso_cts", "{}"),
            Map.entry("singular_projection", "{}"),
            Map.entry("wudi", "{steps: 5, learning_rate: 0.001}"),
            Map.entry("optmerge", "{steps: 5, form: sgd}"),
            Map.entry("iwudi", "{filter_type: landweber}"),
            Map.entry("swudi", "{}"),
            Map.entry("aswudi", "{}"),
            Map.entry("knots", "{}"),
            Map.entry("opcm", "{alpha: 0.4}"),
            Map.entry("dop", "{num_steps: 7, svd_epsilon: 0.8}"),
            Map.entry("doge_ta", "{num_steps: 7, density: 0.4}"));

    /** Parameters of each model, by method, where some are needed. */
    private static final Map<String, String> OF_MODELS = Map.of();

    private static final List<Shape> SHAPES =
            List.of(Shape.of(40, 3), Shape.of(3, 40), Shape.of(17, 17), Shape.of(1, 9), Shape.of(9, 1), Shape.of(2, 2));

    /** Too little for seven threads with linear algebra, enough for one. */
    private static final long LITTLE_MEMORY = 260L << 20;

    @TempDir
    private static Path directory;

    private final Ingot ingot = Ingot.create();

    @BeforeAll
    static void writeModels() throws IOException {
        TestFamily.uniform(directory.resolve("family"), Dtype.BF16, 3, 96, 130);
        SplittableRandom random = new SplittableRandom(3);
        Map<String, List<TestTensor>> models = new LinkedHashMap<>();
        for (String model : List.of("base", "a", "b", "c")) {
            models.put(model, tensors(random));
        }
        // Others than these experts differ from the base in some tensors only, or not at all.
        for (String model : List.of("same0", "same1", "same2")) {
            models.put(model, models.get("base"));
        }
        models.put("damaged", models.get("a").stream().map(MatrixMethodsTest::damaged).toList());
        models.put("part", Stream.concat(models.get("a").stream().limit(2), models.get("base").stream().skip(2)).toList());
        Merges.models(directory.resolve("shapes"), models);
    }

    private static List<TestTensor> tensors(SplittableRandom random) {
        List<TestTensor> tensors = new ArrayList<>();
        for (int i = 0; i < SHAPES.size(); i++) {
            tensors.add(TestTensor.of(
                    "model.layers." + i + ".mlp.weight", Dtype.F32, SHAPES.get(i), random(random, SHAPES.get(i))));
        }
        tensors.add(TestTensor.of("model.norm.weight", Dtype.F32, Shape.of(5), random(random, Shape.of(5))));
        return tensors;
    }

    private static float[] random(SplittableRandom random, Shape shape) {
        float[] values = new float[(int) shape.elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextDouble() - 0.5);
        }
        return values;
    }

    private static TestTensor damaged(TestTensor tensor) {
        float[] values = new float[(int) tensor.shape().elements()];
        values[values.length - 1] = Float.NaN;
        return TestTensor.of(tensor.name(), Dtype.F32, tensor.shape(), values);
    }

    @BeforeEach
    void requireLinearAlgebra() {
        assumeTrue(LinearAlgebra.refusal().isEmpty(), () -> LinearAlgebra.refusal().orElseThrow());
    }

    private static MergeRequest request(String family, String method, String... models) throws IOException {
        String[] members = Stream.of(models)
                .map(model -> model + " " + OF_MODELS.getOrDefault(method, "{}"))
                .toArray(String[]::new);
        return MergeRequest.ofYaml(
                Merges.yaml(method, METHODS.get(method), members),
                method,
                directory.resolve(family),
                Files.createTempDirectory(directory, "out"));
    }

    private Map<String, TestTensor> merge(MergeRequest request) throws IOException {
        return TestCheckpoint.read(ingot.merge(request).output());
    }

    private static Stream<DynamicTest> each(Check check) {
        return METHODS.keySet().stream().sorted().map(name -> DynamicTest.dynamicTest(name, () -> check.of(name)));
    }

    @FunctionalInterface
    private interface Check {
        void of(String method) throws IOException;
    }

    /** SMILE's merge copies the base; what it decomposes are factors. */
    @Test
    void noneIsForgotten() {
        assertThat(Methods.load().specs().stream()
                        .filter(spec -> spec.parameter("matrices").isPresent())
                        .map(MethodSpec::name)
                        .filter(name -> !name.equals("smile")))
                .containsExactlyInAnyOrderElementsOf(METHODS.keySet());
    }

    @TestFactory
    Stream<DynamicTest> sameBytesWhateverRunsIt() {
        List<UnaryOperator<MergeRequest>> variants = List.of(
                request -> request.withThreads(1),
                request -> request.withThreads(2).withIo("pread"),
                request -> request.withThreads(7),
                request -> request.withThreads(7).withMemory(LITTLE_MEMORY),
                request -> request.withShardSize("20KB"));
        return each(method -> {
            MergeRequest request = request("family", method, "a", "b", "c");
            Map<String, TestTensor> expected = merge(request.withBackend("reference").withThreads(1));
            for (UnaryOperator<MergeRequest> variant : variants) {
                MergeRequest other = variant.apply(request("family", method, "a", "b", "c"));
                assertSame(merge(other.withBackend("cpu")), expected);
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> anyShapeAndNumberOfModelsGivesNumbers() {
        return each(method -> {
            for (List<String> models : List.of(List.of("a"), List.of("a", "b"), List.of("a", "b", "c", "part"))) {
                merge(request("shapes", method, models.toArray(String[]::new))).values().forEach(tensor ->
                        assertThat(DoubleStream.of(tensor.values()).allMatch(Double::isFinite))
                                .as(method + models + tensor.name())
                                .isTrue());
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> expertsThatAreTheBaseChangeNothing() {
        return each(method -> SameTensors.assertNear(
                merge(request("shapes", method, "same0", "same1", "same2")),
                TestCheckpoint.read(directory.resolve("shapes/base")),
                1e-6));
    }

    @TestFactory
    Stream<DynamicTest> valuesThatAreNoNumbersAreRefusedByName() {
        return each(method -> {
            MergeRequest request = request("shapes", method, "a", "damaged");
            assertThatThrownBy(() -> ingot.merge(request))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("model.layers.")
                    .hasMessageContaining("NaN");
            assertThat(request.output()).isEmptyDirectory();
        });
    }

    @Test
    void valuesThatAreNoNumbersAreFoundInTheirFile() {
        for (List<String> roles : List.of(List.of("base", "damaged"), List.of("damaged", "a"))) {
            String yaml = Merges.yaml("tsv_m", "{}", roles.getLast() + " {}")
                    .replace("base_model: base", "base_model: " + roles.getFirst());
            MergeRequest request =
                    MergeRequest.ofYaml(yaml, "test", directory.resolve("shapes"), directory.resolve("named"));
            assertThatThrownBy(() -> ingot.merge(request))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageStartingWith(directory.resolve("shapes/damaged/model.safetensors") + ": tensor 'model.")
                    .hasMessageContaining("NaN");
        }
    }

    /** Hours of work are not thrown away for a tensor that cannot be computed, and do not look like a model either. */
    @Test
    void finishedTensorsSurviveOneThatIsNoNumbers() throws IOException {
        Path family = directory.resolve("late");
        SplittableRandom random = new SplittableRandom(4);
        List<TestTensor> whole = tensors(random);
        List<TestTensor> late = new ArrayList<>(whole);
        late.set(SHAPES.size() - 1, damaged(whole.get(SHAPES.size() - 1)));
        Merges.models(family, Map.of("base", tensors(random), "a", tensors(random), "b", late));
        Path file = family.resolve("b/model.safetensors");
        FileTime time = Files.getLastModifiedTime(file);
        // Files of their own, since tensors are finished when the pieces of file are written that they lie in.
        MergeRequest request = request("late", "tsv_m", "a", "b").withThreads(1).withShardSize("1KB");
        for (int run = 0; run < 2; run++) {
            assertThatThrownBy(() -> ingot.merge(request))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("model.layers.5.mlp.weight");
            assertThat(request.output())
                    .isDirectoryContaining("glob:**" + Plan.JOURNAL)
                    .isDirectoryNotContaining("glob:**.safetensors");
        }
        TestCheckpoint.write(family.resolve("b"), whole);
        Files.setLastModifiedTime(file, time);
        MergeResult result = ingot.merge(request);
        assertThat(result.resumedTensors()).isBetween(1, SHAPES.size() - 1);
        assertSame(TestCheckpoint.read(result.output()), merge(request("late", "tsv_m", "a", "b")));
        assertThat(request.output()).isDirectoryNotContaining("glob:**" + Plan.JOURNAL);
    }

    @Test
    void littleMemoryMeansFewerThreadsAndLessIsRefused() throws IOException {
        MergeRequest request = request("family", "tsv_m", "a", "b").withThreads(7);
        assertThat(ingot.plan(request).plan().resources().threads()).isEqualTo(7);
        assertThat(ingot.plan(request.withMemory(LITTLE_MEMORY)).plan().resources().threads()).isBetween(1, 6);
        assertThatThrownBy(() -> ingot.plan(request.withMemory(190L << 20)))
                .isInstanceOf(ResourceException.class)
                .hasMessageContaining("MiB of memory");
    }

    @Test
    void memoryGrowsForLargeMatricesUnlessItIsLimited() throws IOException {
        Path large = directory.resolve("large");
        for (String model : List.of("base", "a", "b")) {
            writeZeros(large.resolve(model).resolve("model.safetensors"), 6000);
        }
        MergeRequest request = MergeRequest.ofYaml(
                        Merges.yaml("tsv_m", "{}", "a {}", "b {}"), "test", large, directory.resolve("grown"))
                .withThreads(2);
        long needed = ingot.plan(request).plan().resources().memory();
        assertThat(needed).isGreaterThan(MergeRequest.DEFAULT_MEMORY);
        assertThat(ingot.plan(request).plan().resources().peakMemory()).isLessThanOrEqualTo(needed);
        PlannedTensor matrix = ingot.plan(request).plan().tensors().getFirst();
        assertThat(ingot.plan(request).plan().resources().tensorMemory()).isGreaterThanOrEqualTo(2 * matrix.memory());
        Resources crowded = ingot.plan(request.withThreads(20_000)).plan().resources();
        assertThat(crowded.threads()).isBetween(1, 19_999);
        assertThat(crowded.memory()).isLessThanOrEqualTo(MachineMemory.now().total());
        assertThatThrownBy(() -> ingot.plan(request.withMemory(MergeRequest.DEFAULT_MEMORY)))
                .isInstanceOf(ResourceException.class)
                .hasMessageContaining("512 MiB are allowed");
    }

    /** A square matrix as a file with a hole. */
    private static void writeZeros(Path file, long side) throws IOException {
        long bytes = side * side * Dtype.BF16.bytes();
        String header = "{\"model.layers.0.weight\":{\"dtype\":\"BF16\",\"shape\":[" + side + "," + side
                + "],\"data_offsets\":[0," + bytes + "]}}";
        TestCheckpoint.writeRaw(file, header, List.of());
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.setLength(out.length() + bytes);
        }
    }
}

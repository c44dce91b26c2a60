// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import static dev.ingot.plan.PlanFixture.EMBEDDING;
import static dev.ingot.plan.PlanFixture.HEAD;
import static dev.ingot.plan.PlanFixture.NORM;
import static dev.ingot.plan.PlanFixture.attention;
import static dev.ingot.plan.PlanFixture.inputs;
import static dev.ingot.plan.PlanFixture.mlp;
import static dev.ingot.plan.PlanFixture.tensors;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.checkpoint.Shape;
import dev.ingot.error.CheckpointException;
import dev.ingot.error.ConfigException;
import dev.ingot.error.UsageException;
import dev.ingot.fixture.Provided;
import dev.ingot.fixture.Snapshot;
import dev.ingot.fixture.TestTensor;
import dev.ingot.kernel.ReferenceBackend;
import dev.ingot.linalg.LinearAlgebra;
import dev.ingot.method.MergeMethod;
import dev.ingot.method.MethodSpec;
import dev.ingot.method.Step;
import dev.ingot.method.TensorContext;
import dev.ingot.method.TensorProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which tensors a plan makes of which, where it puts them, and what identifies it. */
class PlannerTest {
    private static final String LINEAR = "merge_method: linear\nmodels: [{model: a}, {model: b}]\nparameters: {weight: 1}\n";
    private static final String STACK = """
            merge_method: passthrough
            slices:
            - sources: [{model: a, layer_range: [0, 3]}]
            - sources: [{model: b, layer_range: [1, 4]}]
            """;

    @TempDir
    private Path directory;

    private PlanFixture models;

    @BeforeEach
    void writeModels() throws IOException {
        models = new PlanFixture(directory)
                .model("base", Dtype.F16, 4, true)
                .model("a", Dtype.F32, 4, true)
                .model("b", Dtype.F32, 4, true)
                .model("tied", Dtype.F32, 4, false);
    }

    @Test
    void slicesAreStackedAndRenumbered() {
        Plan plan = models.plan(STACK);
        assertThat(plan.configChanges()).containsEntry("num_hidden_layers", 6);
        assertThat(inputs(plan, mlp(2))).containsExactly("a:" + mlp(2));
        assertThat(inputs(plan, mlp(3))).containsExactly("b:" + mlp(1));
        assertThat(inputs(plan, attention(5))).containsExactly("b:" + attention(3));
        assertThat(inputs(plan, EMBEDDING)).containsExactly("a:" + EMBEDDING);
        assertThat(inputs(plan, NORM)).containsExactly("b:" + NORM);
        assertThat(inputs(plan, HEAD)).containsExactly("b:" + HEAD);
        assertThat(plan.tensors()).hasSize(6 * 2 + 3);
    }

    @Test
    void aLayerMayOccurTwice() {
        Plan plan = models.plan("""
                merge_method: passthrough
                slices:
                - sources: [{model: a, layer_range: [1, 3]}]
                - sources: [{model: a, layer_range: [1, 3]}]
                """);
        assertThat(IntStream.range(0, 4).mapToObj(layer -> inputs(plan, mlp(layer)).getFirst()))
                .containsExactly("a:" + mlp(1), "a:" + mlp(2), "a:" + mlp(1), "a:" + mlp(2));
    }

    @Test
    void headThatNoModelStoresIsNotWritten() throws IOException {
        models.model("other", Dtype.F32, 4, false);
        Plan plan = models.plan(LINEAR.replace("model: a", "model: tied").replace("model: b", "model: other"));
        assertThat(tensors(plan)).doesNotContainKey(HEAD).containsKey(EMBEDDING);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "merge_method: linear\nmodels: [{model: tied}, {model: b}]\nparameters: {weight: 1}\n",
        "merge_method: slerp\nbase_model: tied\nmodels: [{model: tied}, {model: b}]\nparameters: {t: 0.5}\n",
        "merge_method: slerp\nbase_model: tied\nslices:\n"
                + "- sources: [{model: tied, layer_range: [0, 4]}, {model: b, layer_range: [0, 4]}]\nparameters: {t: 0.5}\n"
    })
    void embeddingStandsInForATiedHead(String yaml) {
        assertThat(inputs(models.plan(yaml), HEAD)).containsExactly("tied:" + EMBEDDING, "b:" + HEAD);
    }

    /** The embedding of the output is another model's, so that it cannot stand in for the head. */
    @Test
    void stackThatEndsWithATiedModelHasAHead() {
        assertThat(inputs(models.plan(STACK.replace("model: b", "model: tied")), HEAD)).containsExactly("tied:" + EMBEDDING);
    }

    @Test
    void baseIsTheOriginOrTheFirstOrLeftOut() {
        String yaml = "base_model: b\nmodels: [{model: a, parameters: {weight: 1}}, {model: b, parameters: {weight: 1}}]\n";
        Plan task = models.plan("merge_method: task_arithmetic\n" + yaml);
        assertThat(tensors(task).get(NORM).base()).isPresent();
        assertThat(inputs(task, NORM)).containsExactly("b:" + NORM, "a:" + NORM);
        Plan linear = models.plan("merge_method: linear\n" + yaml);
        assertThat(tensors(linear).get(NORM).base()).isEmpty();
        assertThat(inputs(linear, NORM)).containsExactly("a:" + NORM, "b:" + NORM);
        Plan slerp = models.plan("merge_method: slerp\nbase_model: b\nmodels: [{model: a}, {model: b}]\nparameters: {t: 0.5}\n");
        assertThat(inputs(slerp, NORM)).containsExactly("b:" + NORM, "a:" + NORM);
    }

    @ParameterizedTest
    @CsvSource({
        "'', F16",
        "'dtype: bfloat16', BF16",
        "'out_dtype: float32', F32",
        "'dtype: bfloat16\nout_dtype: float8_e4m3fn', F8_E4M3"
    })
    void outputTypeIsAskedForOrTheBases(String dtypes, Dtype expected) {
        Plan plan = models.plan("merge_method: task_arithmetic\nbase_model: base\n"
                + "models: [{model: a, parameters: {weight: 1}}]\n" + dtypes + "\n");
        assertThat(plan.tensors()).allMatch(tensor -> tensor.dtype() == expected);
    }

    @Test
    void mixedTypesWithoutABaseAreWidened() {
        Plan plan = models.plan(LINEAR.replace("model: b", "model: base"));
        assertThat(plan.tensors()).allMatch(tensor -> tensor.dtype() == Dtype.F32);
    }

    @Test
    void interpolationKeepsTheTypeOfItsBase() {
        Plan plan = models.plan("merge_method: slerp\nbase_model: base\nmodels: [{model: a}, {model: base}]\n"
                + "parameters: {t: 0.5}\n");
        assertThat(plan.tensors()).allMatch(tensor -> tensor.dtype() == Dtype.F16);
    }

    @Test
    void integersAreNotMergedWithNumbers() throws IOException {
        models.model("x", List.of(new TestTensor("w", Dtype.I8, Shape.of(2), new byte[2])));
        models.model("y", List.of(TestTensor.vector("w", Dtype.F32, 1, 2)));
        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> models.plan(LINEAR.replace("model: a", "model: x").replace("model: b", "model: y")))
                .withMessageContainingAll(
                        directory.resolve("x").toString(), "I8", directory.resolve("y").toString(), "F32");
    }

    @Test
    void integersAreCopiedFromTheFirst() throws IOException {
        for (String name : List.of("x", "y")) {
            models.model(name, List.of(
                    new TestTensor("ids", Dtype.I64, Shape.of(2), new byte[16]),
                    TestTensor.vector("w", Dtype.F32, 1, 2)));
        }
        Plan plan = models.plan(LINEAR.replace("model: a", "model: x").replace("model: b", "model: y") + "dtype: bfloat16\n");
        PlannedTensor ids = tensors(plan).get("ids");
        assertThat(ids.method()).isEmpty();
        assertThat(ids.dtype()).isEqualTo(Dtype.I64);
        assertThat(ids.program().first()).isEqualTo(new Step.CopyModel(0));
        assertThat(tensors(plan).get("w").dtype()).isEqualTo(Dtype.BF16);
    }

    @Test
    void extraTensorsAreLeftOutWithAWarning() throws IOException {
        models.model("more", List.of(
                TestTensor.vector("w", Dtype.F32, 1), TestTensor.vector("extra", Dtype.F32, 1), TestTensor.vector("z", Dtype.F32, 1)));
        models.model("less", List.of(TestTensor.vector("w", Dtype.F32, 1)));
        Plan plan = models.plan(LINEAR.replace("model: a", "model: less").replace("model: b", "model: more"));
        assertThat(tensors(plan)).containsOnlyKeys("w");
        assertThat(plan.warnings()).singleElement().asString().contains("more", "2 tensors", "extra");
    }

    @Test
    void extraTensorsOfSlicesAreLeftOutWithAWarning() throws IOException {
        String extra = "model.layers.1.self_attn.o_proj.bias";
        models.model("more", List.of(
                TestTensor.vector(attention(0), Dtype.F32, 1), TestTensor.vector(attention(1), Dtype.F32, 1),
                TestTensor.vector(extra, Dtype.F32, 1), TestTensor.vector("model.extra.weight", Dtype.F32, 1)));
        models.model("less", List.of(
                TestTensor.vector(attention(0), Dtype.F32, 1), TestTensor.vector(attention(1), Dtype.F32, 1)));
        Plan plan = models.plan("merge_method: linear\nparameters: {weight: 1}\nslices:\n"
                + "- sources: [{model: less, layer_range: [0, 2]}, {model: more, layer_range: [0, 2]}]\n");
        assertThat(tensors(plan)).containsOnlyKeys(attention(0), attention(1));
        assertThat(plan.warnings()).singleElement().asString().contains("model more: 2 tensors", "less", "model.extra");
        Plan stacked = models.plan("merge_method: passthrough\nslices:\n- sources: [{model: more, layer_range: [0, 1]}]\n"
                + "- sources: [{model: less, layer_range: [0, 2]}]\n");
        assertThat(stacked.warnings()).isEmpty();
    }

    @Test
    void everySliceMayHaveABaseOfItsOwn() {
        String both = "sources: [{model: a, layer_range: [0, 2]}, {model: b, layer_range: [0, 2]}]";
        String yaml = "merge_method: slerp\nparameters: {t: 0.5}\nslices:\n- base_model: a\n  " + both + "\n- ";
        Plan plan = models.plan(yaml + "base_model: b\n  " + both + "\n");
        assertThat(inputs(plan, mlp(0))).containsExactly("a:" + mlp(0), "b:" + mlp(0));
        assertThat(inputs(plan, mlp(2))).containsExactly("b:" + mlp(0), "a:" + mlp(0));
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> models.plan(yaml + both + "\n"))
                .withMessageContaining("the slice has none")
                .withMessageContaining("test.yml:6");
    }

    @Test
    void filesAreFilledInOrder() {
        Plan one = models.plan(models.request(LINEAR));
        assertThat(one.shards()).extracting(PlannedShard::fileName).containsExactly("model.safetensors");
        Plan several = models.plan(models.request(LINEAR, "50", 1, 1, 512L << 20, "out"));
        int files = several.shards().size();
        assertThat(several.shards()).extracting(PlannedShard::fileName)
                .startsWith("model-00001-of-%05d.safetensors".formatted(files))
                .endsWith("model-%05d-of-%05d.safetensors".formatted(files, files));
        Set<String> placed = new HashSet<>();
        for (int shard = 0; shard < files; shard++) {
            int index = shard;
            List<PlannedTensor> inside = several.tensors().stream().filter(t -> t.shard() == index).toList();
            assertThat(inside.stream().mapToLong(PlannedTensor::elements).sum()).isBetween(1L, 50L);
            inside.forEach(tensor -> assertThat(placed.add(tensor.name())).isTrue());
        }
        assertThat(placed).isEqualTo(tensors(one).keySet());
        assertThat(several.weightMap("model")).containsEntry(several.tensors().getLast().name(), several.shards().getLast().fileName());
        assertThat(several.bytesToWrite()).isGreaterThan(one.bytesToWrite());
    }

    @ParameterizedTest
    @CsvSource({
        "5GB, 5000000000, BYTES", "5GiB, 5368709120, BYTES", "500 MB, 500000000, BYTES", "7kib, 7168, BYTES",
        "5B, 5000000000, PARAMETERS", "3M, 3000000, PARAMETERS", "12, 12, PARAMETERS", "2t, 2000000000000, PARAMETERS",
        "0, 0, PARAMETERS", "-1, 0, PARAMETERS"
    })
    void shardSizes(String text, long limit, ShardSize.Unit unit) {
        assertThat(ShardSize.parse(text)).isEqualTo(new ShardSize(limit, unit));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "GB", "5 apples", "1.5GB", "5GBB", "9999999TB"})
    void oddShardSizes(String text) {
        assertThatExceptionOfType(UsageException.class).isThrownBy(() -> ShardSize.parse(text));
    }

    @Test
    void hashDoesNotDependOnHowTheMergeRuns() {
        String hash = models.plan(models.request(LINEAR)).hash();
        assertThat(hash).matches("[0-9a-f]{64}");
        assertThat(models.plan(models.request(LINEAR, "0", 1, 7, 300L << 20, "elsewhere")).hash()).isEqualTo(hash);
        assertThat(models.plan(LINEAR.replace("weight: 1", "weight: 1.0") + "# a comment\n").hash()).isEqualTo(hash);
    }

    @Test
    void hashDependsOnWhatIsWritten() throws IOException {
        Set<String> hashes = new HashSet<>();
        assertThat(hashes.add(models.plan(LINEAR).hash())).isTrue();
        for (String changed : List.of(
                LINEAR + "dtype: bfloat16\n",
                LINEAR.replace("weight: 1", "weight: [1, 2]"),
                LINEAR.replace("weight: 1", "weight: 1, normalize: false"),
                LINEAR.replace("[{model: a}, {model: b}]", "[{model: b}, {model: a}]"),
                LINEAR.replace("model: b", "model: tied"))) {
            assertThat(hashes.add(models.plan(changed).hash())).as(changed).isTrue();
        }
        assertThat(hashes.add(models.plan(models.request(LINEAR, "50", 1, 2, 512L << 20, "out")).hash())).isTrue();
        assertThat(hashes.add(models.plan(models.request(LINEAR, "0", 2, 2, 512L << 20, "out")).hash())).isTrue();
        Files.setLastModifiedTime(directory.resolve("b/model.safetensors"), FileTime.fromMillis(86_400_000));
        assertThat(hashes.add(models.plan(LINEAR).hash())).as("an input changed").isTrue();
    }

    /** Its last bits depend on the library and on the processor, so another machine must not go on with a matrix merge. */
    @Test
    void hashHoldsTheLinearAlgebraWhereItComputes() {
        Plan elementwise = models.plan(LINEAR);
        assertThat(elementwise.hash()).isEqualTo(hash(elementwise, Optional.empty()));
        assumeTrue(LinearAlgebra.refusal().isEmpty(), () -> LinearAlgebra.refusal().orElseThrow());
        Plan matrices = models.plan("merge_method: tsv_m\nbase_model: a\nmodels: [{model: b}, {model: tied}]\n");
        assertThat(LinearAlgebra.identity(new ReferenceBackend())).containsPattern("OpenBLAS \\d+\\.\\d+.* for \\w+");
        assertThat(matrices.hash())
                .isEqualTo(hash(matrices, Optional.of(LinearAlgebra.identity(new ReferenceBackend()))))
                .isNotEqualTo(hash(matrices, Optional.of("another library")))
                .isNotEqualTo(hash(matrices, Optional.empty()));
        Plan copied = models.plan(
                "merge_method: tsv_m\nbase_model: a\nmodels: [{model: b}, {model: tied}]\nparameters: {matrices: base}\n");
        assertThat(copied.hash()).isEqualTo(hash(copied, Optional.empty()));
    }

    private static String hash(Plan plan, Optional<String> algebra) {
        return PlanHash.of(plan.inputs(), plan.shards(), plan.tensors(), plan.tokenization(), algebra);
    }

    @Test
    void planningWritesNothing() throws IOException {
        var before = Snapshot.of(directory);
        models.plan(LINEAR);
        models.plan(STACK);
        assertThat(Snapshot.of(directory)).isEqualTo(before);
    }

    /** Counts how often programs are asked for. */
    public static final class AskedMethod implements MergeMethod {
        private static final AtomicInteger ASKED = new AtomicInteger();
        private static final MethodSpec SPEC = new MethodSpec(
                "asked", "Asked", Optional.empty(), "the first model", List.of(), MethodSpec.BaseRole.UNUSED, 1, 9, false);

        @Override
        public MethodSpec spec() {
            return SPEC;
        }

        @Override
        public TensorProgram program(TensorContext context) {
            ASKED.incrementAndGet();
            return TensorProgram.single(new Step.CopyModel(0));
        }
    }

    /** Programs of many models are long, so that writing them several times is what a plan's time would go to. */
    @Test
    void eachTensorsProgramIsWrittenOnce() throws IOException {
        AskedMethod.ASKED.set(0);
        Plan plan = Provided.during(directory.resolve("methods"), AskedMethod.class, () -> models.plan(
                "merge_method: asked\nmodels: [{model: a}, {model: b}]\n"));
        assertThat(plan.reads()).isOne();
        assertThat(plan.bytesToRead()).isPositive();
        assertThat(AskedMethod.ASKED).hasValue(plan.tensors().size());
    }

    @Test
    void passesAreThoseOfTheMethod() {
        String experts = "base_model: base\nmodels: [{model: a, parameters: {weight: 1, density: 0.5}}]\n";
        assertThat(models.plan("merge_method: ties\n" + experts).reads()).isEqualTo(2);
        assertThat(models.plan("merge_method: ties\n" + experts + "parameters: {rescale: true}\n").reads()).isEqualTo(3);
        assertThat(models.plan("merge_method: dare_ties\n" + experts).reads()).isEqualTo(2);
        assertThat(models.plan("merge_method: task_arithmetic\n" + experts).reads()).isEqualTo(1);
        assertThat(models.plan(STACK).reads()).isEqualTo(1);
    }
}

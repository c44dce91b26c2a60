// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import static dev.ingot.plan.PlanFixture.EMBEDDING;
import static dev.ingot.plan.PlanFixture.HEAD;
import static dev.ingot.plan.PlanFixture.NORM;
import static dev.ingot.plan.PlanFixture.inputs;
import static dev.ingot.plan.PlanFixture.mlp;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.checkpoint.Shape;
import dev.ingot.error.CheckpointException;
import dev.ingot.error.ConfigException;
import dev.ingot.fixture.MaskedMethod;
import dev.ingot.fixture.Provided;
import dev.ingot.fixture.TestTensor;
import dev.ingot.fixture.TestVocabularies;
import dev.ingot.method.TensorContext.ModelContext;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Checkpoints that belong to models without being merged: where they stand, what they have no part in, what is refused. */
class CompanionsTest {
    private static final String HEADING = "merge_method: dare_ties\nbase_model: base\nparameters: {weight: 1, density: 0.5}\n";
    private static final String DRAWS =
            HEADING + "models: [{model: a, draws: da}, {model: b}, {model: c, draws: {model: {path: dc}}}]\n";

    @TempDir
    private Path directory;

    private PlanFixture models;

    @BeforeEach
    void writeModels() throws IOException {
        models = new PlanFixture(directory);
        for (String name : List.of("base", "a", "b", "c", "da", "dc", "m")) {
            models.model(name, name.equals("da") ? Dtype.F16 : Dtype.BF16, 2, true);
        }
    }

    private static List<ModelContext> contexts(Plan plan, String tensor) {
        return PlanFixture.tensors(plan).get(tensor).context().models();
    }

    @Test
    void standBehindTheMergedModels() {
        Plan plan = models.plan(DRAWS);
        String tensor = mlp(1);
        assertThat(inputs(plan, tensor))
                .containsExactly("base:" + tensor, "a:" + tensor, "b:" + tensor, "c:" + tensor, "da:" + tensor, "dc:" + tensor);
        PlannedTensor planned = PlanFixture.tensors(plan).get(tensor);
        assertThat(planned.merged()).hasSize(3);
        assertThat(planned.companions()).hasSize(2);
        assertThat(planned.context().operands()).isEqualTo(5);
        assertThat(contexts(plan, tensor).get(0).draws()).hasValue(3);
        assertThat(contexts(plan, tensor).get(1).draws()).isEmpty();
        assertThat(contexts(plan, tensor).get(2).draws()).hasValue(4);
        assertThat(contexts(plan, tensor).get(0).mask()).isEmpty();
        assertThat(planned.dtype()).as("types of companions do not count").isEqualTo(Dtype.BF16);
        assertThat(plan.warnings()).isEmpty();
    }

    @Test
    void takePartInNothingElse() throws IOException {
        List<TestTensor> extra = List.of(
                TestTensor.of(NORM, Dtype.F32, Shape.of(4), new float[4]),
                TestTensor.of("another.weight", Dtype.F32, Shape.of(4), new float[4]));
        models.model("da", extra);
        Plan plan = models.plan(DRAWS);
        assertThat(plan.models().keySet().stream().map(Object::toString)).containsExactly("a", "b", "c", "base");
        assertThat(plan.companions().keySet().stream().map(Object::toString)).containsExactly("da", "dc");
        assertThat(plan.inputs()).hasSize(6);
        assertThat(plan.tensors()).extracting(PlannedTensor::name).doesNotContain("another.weight");
    }

    @Test
    void aCompanionThatLacksATensorIsNoneThereAndSaysSo() throws IOException {
        models.model("da", List.of(TestTensor.of(NORM, Dtype.F32, Shape.of(4), new float[4])));
        Plan plan = models.plan(DRAWS);
        assertThat(contexts(plan, NORM).getFirst().draws()).hasValue(3);
        assertThat(contexts(plan, mlp(0)).getFirst().draws()).isEmpty();
        assertThat(contexts(plan, mlp(0)).getLast().draws()).hasValue(3);
        assertThat(plan.warnings()).singleElement().asString()
                .contains("draws da of model a: 6 of 7 merged tensors are not there");
    }

    @Test
    void layersOfSlicesAreThoseOfTheModel() {
        Plan plan = models.plan(HEADING + """
                slices:
                - sources:
                  - {model: base, layer_range: [0, 1]}
                  - {model: a, layer_range: [1, 2], draws: da}
                - sources:
                  - {model: base, layer_range: [0, 1]}
                  - {model: a, layer_range: [0, 1]}
                """);
        assertThat(inputs(plan, mlp(0))).containsExactly("base:" + mlp(0), "a:" + mlp(1), "da:" + mlp(1));
        assertThat(inputs(plan, mlp(1))).containsExactly("base:" + mlp(0), "a:" + mlp(0));
    }

    @Test
    void aModelMayHaveSeveral() throws IOException {
        Plan plan = Provided.during(directory.resolve("providers"), MaskedMethod.class, () -> models.plan("""
                merge_method: masked
                base_model: base
                models: [{model: a, draws: da, mask: m}, {model: b, mask: m}]
                """));
        assertThat(inputs(plan, NORM))
                .containsExactly("base:" + NORM, "a:" + NORM, "b:" + NORM, "m:" + NORM, "da:" + NORM, "m:" + NORM);
        assertThat(contexts(plan, NORM).getFirst().mask()).hasValue(2);
        assertThat(contexts(plan, NORM).getFirst().draws()).hasValue(3);
        assertThat(contexts(plan, NORM).getLast().mask()).hasValue(4);
    }

    @Test
    void theHashTellsPlansApart() throws IOException {
        String without = models.plan(DRAWS.replace(", draws: da", "").replace(", draws: {model: {path: dc}}", "")).hash();
        String with = models.plan(DRAWS).hash();
        assertThat(models.plan(DRAWS).hash()).isEqualTo(with);
        String one = models.plan(DRAWS.replace(", draws: da", "")).hash();
        String other = models.plan(DRAWS.replace("draws: da", "draws: m")).hash();
        assertThat(Set.of(without, with, one, other)).hasSize(4);
        Map<String, String> kinds = Provided.during(directory.resolve("providers"), MaskedMethod.class, () ->
                Set.of("mask", "draws").stream().collect(Collectors.toMap(kind -> kind, kind -> models.plan(
                        "merge_method: masked\nbase_model: base\nmodels: [{model: a, " + kind + ": m}]").hash())));
        assertThat(kinds.get("mask")).isNotEqualTo(kinds.get("draws"));
    }

    /** With numbers at hand a tensor takes none from the sequence of the run. */
    @Test
    void recordedNumbersAreNotDrawn() {
        PlanRequest request = models.request(DRAWS);
        PlanRequest sequence = new PlanRequest(
                request.config(), request.modelRoots(), request.results(), request.output(), request.shardSize(), 0, Rng.MERGEKIT,
                request.threads(), request.memory(), false, false);
        assertThat(models.plan(sequence).tensors()).allMatch(tensor -> tensor.draws() == tensor.elements());
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = '|', textBlock = """
            ties      | {model: a, draws: da}    | `method ties takes no 'draws' (test.yml:4:21)` | `dare_linear, dare_ties, della, della_linear`
            dare_ties | {model: a, mask: m}      | `method dare_ties takes no 'mask' (test.yml:4:21)` | remove it
            dare_ties | `{model: a}, {model: base, draws: da}` | `the base model takes no 'draws': method dare_ties measures` | merged model
            dare_ties | {model: a, draws: +}     | model reference '+' | MODEL
            """)
    void refusesWhatHasNoUse(String method, String entry, String message, String hint) {
        String yaml = HEADING.replace("dare_ties", method) + "models: [" + entry + "]\n";
        ConfigException error = catchThrowableOfType(ConfigException.class, () -> models.plan(yaml));
        assertThat(error).hasMessageContaining(message);
        if (!hint.equals("MODEL")) {
            assertThat(error.hint()).contains(hint);
        }
    }

    @Test
    void refusesTensorsThatDoNotFit() throws IOException {
        models.model("da", List.of(TestTensor.of(NORM, Dtype.F32, Shape.of(5), new float[5])));
        refused("tensor 'model.norm.weight' of the draws has shape [5], but [4] in", "made for model a");
        models.model("da", List.of(new TestTensor(NORM, Dtype.BOOL, Shape.of(4), new byte[4])));
        refused("tensor 'model.norm.weight' of the draws is of type BOOL", "store it as floats");
    }

    @Test
    void refusesCheckpointsThatAreNotThere() {
        CheckpointException error = catchThrowableOfType(
                CheckpointException.class, () -> models.plan(DRAWS.replace("draws: da", "draws: nowhere")));
        assertThat(error).hasMessageContaining("nowhere: no such directory or file");
    }

    private void refused(String message, String hint) {
        CheckpointException error = catchThrowableOfType(CheckpointException.class, () -> models.plan(DRAWS));
        assertThat(error).hasMessageContaining(message);
        assertThat(error.hint()).contains(hint);
    }

    @Test
    void rowsThatArePutTogetherByTokenHaveNoCompanions() throws IOException {
        Path vocabularies = TestVocabularies.write(directory.resolve("vocabularies"));
        String yaml = """
                merge_method: dare_ties
                base_model: base
                models: [{model: a, draws: a}]
                parameters: {weight: 1, density: 0.5}
                tokenizer_source: union
                """;
        PlanFixture tokens = new PlanFixture(vocabularies);
        CheckpointException error = catchThrowableOfType(CheckpointException.class, () -> tokens.plan(yaml));
        assertThat(error).hasMessageContaining("has the rows of its model, which are put together by token");
        assertThat(error.hint()).contains("remove the tensor from the draws");
    }

    /** Rows that are cut off the models are cut off their companions. */
    @Test
    void rowsBehindAreCutOff() throws IOException {
        models.model("a", List.of(TestTensor.of(EMBEDDING, Dtype.F32, Shape.of(8, 4), new float[32])));
        models.model("base", List.of(TestTensor.of(EMBEDDING, Dtype.F32, Shape.of(6, 4), new float[24])));
        models.model("da", List.of(TestTensor.of(EMBEDDING, Dtype.F32, Shape.of(8, 4), new float[32])));
        Plan plan = models.plan(HEADING + "models: [{model: a, draws: da}]\n");
        assertThat(PlanFixture.tensors(plan).get(EMBEDDING).shape()).isEqualTo(Shape.of(6, 4));
        assertThat(contexts(plan, EMBEDDING).getFirst().draws()).hasValue(1);
        assertThat(PlanFixture.tensors(plan)).doesNotContainKey(HEAD);
    }
}

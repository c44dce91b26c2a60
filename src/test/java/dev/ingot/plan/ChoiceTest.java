// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import static dev.ingot.plan.PlanFixture.NORM;
import static dev.ingot.plan.PlanFixture.attention;
import static dev.ingot.plan.PlanFixture.mlp;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.error.ConfigException;
import dev.ingot.fixture.CombiningMethod;
import dev.ingot.fixture.Provided;
import dev.ingot.method.ParameterValues;
import dev.ingot.method.Step;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Parameters whose values are names, from the configuration to the method. */
class ChoiceTest {
    private static final String MODELS = "merge_method: combining\nmodels: [{model: a}, {model: b}]\n";

    @TempDir
    private Path directory;

    private PlanFixture models;

    @BeforeEach
    void writeModels() throws IOException {
        models = new PlanFixture(directory).model("a", Dtype.F32, 2, true).model("b", Dtype.F32, 2, true);
    }

    private Plan plan(String yaml) throws IOException {
        return Provided.during(directory.resolve("providers"), CombiningMethod.class, () -> models.plan(yaml));
    }

    private static ParameterValues globals(Plan plan, String tensor) {
        return PlanFixture.tensors(plan).get(tensor).context().globals();
    }

    private static List<String> signs(Plan plan, String tensor) {
        return PlanFixture.tensors(plan).get(tensor).context().models().stream()
                .map(model -> model.parameters().choice("sign"))
                .toList();
    }

    @Test
    void theDefaultStandsWhereNothingIsSet() throws IOException {
        Plan plan = plan(MODELS);
        assertThat(globals(plan, NORM).choice("combine")).isEqualTo("sum");
        assertThat(signs(plan, NORM)).containsExactly("plus", "plus");
    }

    @Test
    void conditionsChooseByTensor() throws IOException {
        Plan plan = plan(MODELS + "parameters: {combine: [{filter: mlp, value: disjoint_mean}, {value: sum}]}\n");
        assertThat(globals(plan, mlp(1)).choice("combine", CombiningMethod.Combine.class))
                .isEqualTo(CombiningMethod.Combine.DISJOINT_MEAN);
        assertThat(globals(plan, attention(1)).choice("combine")).isEqualTo("sum");
        assertThat(PlanFixture.tensors(plan).get(mlp(1)).program().first())
                .isInstanceOfSatisfying(Step.Sum.class, sum -> assertThat(sum.op().weights()).containsExactly(0.5f, 0.5f));
    }

    @Test
    void modelBeforeSliceBeforeConfiguration() throws IOException {
        Plan plan = plan("""
                merge_method: combining
                slices:
                - sources:
                  - {model: a, layer_range: [0, 1], parameters: {sign: [{filter: mlp, value: plus}]}}
                  - {model: b, layer_range: [0, 1]}
                  parameters: {sign: 'minus'}
                - sources: [{model: a, layer_range: [1, 2]}, {model: b, layer_range: [1, 2]}]
                parameters: {sign: plus, combine: disjoint_mean}
                """);
        assertThat(signs(plan, mlp(0))).containsExactly("plus", "minus");
        assertThat(signs(plan, attention(0))).containsExactly("minus", "minus");
        assertThat(signs(plan, mlp(1))).containsExactly("plus", "plus");
        assertThat(globals(plan, mlp(1)).choice("combine")).isEqualTo("disjoint_mean");
    }

    @Test
    void plansWithOtherChoicesHaveOtherHashes() throws IOException {
        String sum = plan(MODELS + "parameters: {combine: sum}").hash();
        assertThat(plan(MODELS).hash()).as("the default").isEqualTo(sum);
        assertThat(plan(MODELS + "parameters: {combine: disjoint_mean}").hash()).isNotEqualTo(sum);
        assertThat(plan(MODELS + "parameters: {sign: minus}").hash()).isNotEqualTo(sum);
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', textBlock = """
            combine: disjoint-men   | `'combine' has no value 'disjoint-men' (test.yml:3:23)` | `did you mean 'disjoint_mean'? Known`
            combine: none           | `'combine' has no value 'none' (test.yml:3:23)`         | `Known here are sum, disjoint_mean`
            sign: [{value: plus, filter: mlp}, {value: mins}] | `'sign' has no value 'mins' (test.yml:3:57)` | `did you mean 'minus'?`
            combine: 1              | `'combine' must be one of the names sum, disjoint_mean, found the number 1 (test.yml:3:23)` | give a name
            combine: [0, 1.5]       | `'combine' must be one of the names sum, disjoint_mean, found a list (test.yml:3:23)` | give a name
            scale: large            | `'scale' must be a number, found 'large' (test.yml:3:21)` | give a number: factor
            halve: ja               | `'halve' must be true or false, found 'ja' (test.yml:3:21)` | give true or false
            """, delimiter = '|')
    void refuses(String parameter, String message, String hint) throws IOException {
        ConfigException error = catchThrowableOfType(
                ConfigException.class, () -> plan(MODELS + "parameters: {" + parameter + "}\n"));
        assertThat(error).hasMessage(message);
        assertThat(error.hint()).startsWith(hint).doesNotContain("\n");
    }
}

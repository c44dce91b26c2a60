// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import static dev.ingot.plan.PlanFixture.EMBEDDING;
import static dev.ingot.plan.PlanFixture.HEAD;
import static dev.ingot.plan.PlanFixture.NORM;
import static dev.ingot.plan.PlanFixture.attention;
import static dev.ingot.plan.PlanFixture.mlp;
import static dev.ingot.plan.PlanFixture.parameter;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.ingot.checkpoint.Dtype;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Gradients, filters and precedence as mergekit evaluates them, up to the values that methods get. */
class PlannedParametersTest {
    @TempDir
    private Path directory;

    private PlanFixture models;

    @BeforeEach
    void writeModels() throws IOException {
        models = new PlanFixture(directory)
                .model("base", Dtype.F32, 4, true)
                .model("a", Dtype.F32, 4, true)
                .model("b", Dtype.F32, 4, true);
    }

    /** With four layers t is 0, 1/3, 2/3, 1; tensors outside of layers have t = 0, also those behind them. */
    @Test
    void gradientsRunOverTheLayers() {
        Plan plan = models.plan("""
                merge_method: slerp
                base_model: a
                models: [{model: a}, {model: b}]
                parameters: {t: [0.1, 0.5, 0.3, 0.7, 1]}
                """);
        assertThat(parameter(plan, attention(0), "t")).isEqualTo(0.1);
        assertThat(parameter(plan, attention(1), "t")).isCloseTo(0.5 * 2 / 3 + 0.3 / 3, within(1e-12));
        assertThat(parameter(plan, attention(2), "t")).isCloseTo(0.3 / 3 + 0.7 * 2 / 3, within(1e-12));
        assertThat(parameter(plan, mlp(3), "t")).isEqualTo(1);
        assertThat(parameter(plan, EMBEDDING, "t")).isEqualTo(0.1);
        assertThat(parameter(plan, NORM, "t")).isEqualTo(0.1);
        assertThat(parameter(plan, HEAD, "t")).isEqualTo(0.1);
    }

    @Test
    void gradientsAreRelativeToTheSlice() {
        Plan plan = models.plan("""
                merge_method: slerp
                base_model: a
                slices:
                - sources: [{model: a, layer_range: [0, 3]}, {model: b, layer_range: [0, 3]}]
                - sources: [{model: a, layer_range: [3, 4]}, {model: b, layer_range: [0, 1]}]
                parameters: {t: [0.2, 0.6]}
                """);
        assertThat(parameter(plan, mlp(0), "t")).isEqualTo(0.2);
        assertThat(parameter(plan, mlp(1), "t")).isCloseTo(0.4, within(1e-12));
        assertThat(parameter(plan, mlp(2), "t")).isEqualTo(0.6);
        assertThat(parameter(plan, mlp(3), "t")).as("the only layer of a slice").isEqualTo(0.6);
        assertThat(parameter(plan, NORM, "t")).isEqualTo(0.2);
    }

    @Test
    void firstMatchingConditionCounts() {
        Plan plan = models.plan("""
                merge_method: task_arithmetic
                base_model: base
                models:
                - model: a
                  parameters:
                    weight:
                    - {filter: self_attn, value: [0, 1]}
                    - {filter: layers.2., value: 0.25}
                    - {filter: "*", value: 0.5}
                - model: b
                  parameters: {weight: [{filter: mlp, value: 0.75}]}
                parameters: {weight: 0.125}
                """);
        assertThat(parameter(plan, attention(2), 0, "weight")).isCloseTo(2.0 / 3, within(1e-12));
        assertThat(parameter(plan, mlp(2), 0, "weight")).isEqualTo(0.25);
        assertThat(parameter(plan, mlp(1), 0, "weight")).isEqualTo(0.5);
        assertThat(parameter(plan, mlp(1), 1, "weight")).isEqualTo(0.75);
        assertThat(parameter(plan, NORM, 1, "weight")).as("no condition of the model fits").isEqualTo(0.125);
    }

    /** Per-model parameters test the name in that model, parameters of the merge the output's name. */
    @Test
    void conditionsTestTheSourceNameOrTheOutputName() {
        Plan plan = models.plan("""
                merge_method: task_arithmetic
                base_model: base
                slices:
                - sources:
                  - {model: base, layer_range: [2, 4]}
                  - {model: a, layer_range: [2, 4], parameters: {weight: [{filter: layers.2., value: 0.5}, {value: 1}]}}
                parameters:
                  lambda: [{filter: layers.1., value: 3}, {value: 2}]
                """);
        assertThat(parameter(plan, mlp(0), 0, "weight")).isEqualTo(0.5);
        assertThat(parameter(plan, mlp(1), 0, "weight")).isEqualTo(1);
        assertThat(parameter(plan, mlp(0), "lambda")).isEqualTo(2);
        assertThat(parameter(plan, mlp(1), "lambda")).isEqualTo(3);
    }

    @Test
    void modelBeforeSliceBeforeConfigurationBeforeDefault() {
        Plan plan = models.plan("""
                merge_method: ties
                base_model: base
                slices:
                - sources:
                  - {model: base, layer_range: [0, 2]}
                  - {model: a, layer_range: [0, 2], parameters: {density: 0.5}}
                  - {model: b, layer_range: [0, 2]}
                  parameters: {density: 0.25, normalize: false}
                - sources:
                  - {model: base, layer_range: [2, 4]}
                  - {model: a, layer_range: [2, 4]}
                parameters: {density: 0.75, weight: 1}
                """);
        assertThat(parameter(plan, mlp(0), 0, "density")).as("model").isEqualTo(0.5);
        assertThat(parameter(plan, mlp(0), 1, "density")).as("slice").isEqualTo(0.25);
        assertThat(parameter(plan, mlp(2), 0, "density")).as("configuration").isEqualTo(0.75);
        assertThat(parameter(plan, mlp(0), "normalize")).isZero();
        assertThat(parameter(plan, mlp(2), "normalize")).as("default of ties").isEqualTo(1);
        assertThat(parameter(plan, mlp(2), "lambda")).isEqualTo(1);
        assertThat(parameter(plan, NORM, 0, "density")).as("behind the layers: last slice").isEqualTo(0.75);
        assertThat(parameter(plan, EMBEDDING, 0, "density")).as("before the layers: first slice").isEqualTo(0.5);
    }

    @Test
    void parameterOfTheMergeHasNoEffectAtAModel() {
        Plan plan = models.plan("""
                merge_method: task_arithmetic
                base_model: base
                models: [{model: a, parameters: {weight: 1, normalize: true}}]
                """);
        assertThat(parameter(plan, mlp(0), "normalize")).isZero();
        assertThat(plan.warnings()).singleElement().asString().contains("normalize", "no effect", "3:");
    }
}

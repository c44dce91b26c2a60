// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.checkpoint.Shape;
import dev.ingot.error.CheckpointException;
import dev.ingot.fixture.Merges;
import dev.ingot.fixture.TestTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** mergekit.md 2.2, step 1. */
class OtherShapesTest {
    private static final String NORM = PlanFixture.NORM;

    @TempDir
    private Path temp;

    private PlanFixture models;

    @BeforeEach
    void models() throws IOException {
        models = new PlanFixture(temp);
        models.model("base", tensors(4, 6)).model("a", tensors(4, 6)).model("wide", tensors(8, 6));
    }

    private static List<TestTensor> tensors(int width, int tokens) {
        return List.of(
                TestTensor.of(PlanFixture.EMBEDDING, Dtype.F32, Shape.of(tokens, 4), new float[4 * tokens]),
                TestTensor.of(PlanFixture.mlp(0), Dtype.F32, Shape.of(2, width), new float[2 * width]),
                TestTensor.of(NORM, Dtype.F32, Shape.of(width), new float[width]));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "task_arithmetic", "ties", "dare_linear", "dare_ties", "breadcrumbs", "breadcrumbs_ties", "della", "della_linear"
    })
    void taskVectorsOfAnotherShapeAreLeftOut(String method) {
        Plan plan = models.plan(Merges.yaml(method, "{}", "wide {weight: 1}", "a {weight: 0.25}"));
        assertThat(PlanFixture.inputs(plan, NORM)).containsExactly("base:" + NORM, "a:" + NORM);
        assertThat(PlanFixture.parameter(plan, NORM, 0, "weight")).isEqualTo(0.25);
        assertThat(PlanFixture.inputs(plan, PlanFixture.EMBEDDING)).hasSize(3);
        assertThat(plan.warnings()).containsExactly("model wide: 2 tensors whose shapes differ from the base model's are left"
                + " out, such as '" + PlanFixture.mlp(0) + "', [2, 8] instead of [2, 4]");
    }

    @Test
    void theBaseStaysAloneWhereNoneFits() {
        Plan plan = models.plan(Merges.yaml("ties", "{}", "wide {weight: 1}"));
        assertThat(PlanFixture.inputs(plan, NORM)).containsExactly("base:" + NORM);
    }

    @ParameterizedTest
    @ValueSource(strings = {"linear", "sce", "ram", "model_stock", "multislerp"})
    void otherMethodsRefuse(String method) {
        boolean weighted = method.equals("linear") || method.equals("multislerp");
        String own = weighted ? "{weight: 1}" : "{}";
        String yaml = Merges.yaml(method, weighted ? "{weight: 1}" : "{}", "a " + own, "wide " + own);
        CheckpointException error = catchThrowableOfType(CheckpointException.class, () -> models.plan(yaml));
        assertThat(error).hasMessageContaining("has shape [2, 8], but [2, 4] in");
        assertThat(error.hint()).contains("one architecture and size");
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import static dev.ingot.plan.PlanFixture.NORM;
import static dev.ingot.plan.PlanFixture.mlp;
import static dev.ingot.plan.PlanFixture.tensors;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.error.ResourceException;
import dev.ingot.kernel.Backend;
import dev.ingot.kernel.Kernels;
import dev.ingot.kernel.LaneNeeds;
import dev.ingot.method.Methods;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a plan divides the memory that it is granted. */
class PlannedMemoryTest {
    private static final String LINEAR = "merge_method: linear\nmodels: [{model: a}, {model: b}]\nparameters: {weight: 1}\n";

    @TempDir
    private Path directory;

    private PlanFixture models;

    @BeforeEach
    void writeModels() throws IOException {
        models = new PlanFixture(directory)
                .model("base", Dtype.F16, 4, true)
                .model("a", Dtype.F32, 4, true)
                .model("b", Dtype.F32, 4, true);
    }

    /** Histograms are part of what a worker has, one for each pick of the model as far as there is memory. */
    @Test
    void memoryOfHistogramsIsPartOfThePlan() throws IOException {
        models.model("c", Dtype.F32, 4, false);
        String yaml = "merge_method: task_vectors\nbase_model: a\nmodels: [{model: b}, {model: c}]\n"
                + "parameters: {sparsify: magnitude, density: 0.5, scope: %s}\n";
        Resources without = models.plan(LINEAR).resources();
        assertThat(without.laneHistograms()).isZero();
        Resources tensor = models.plan(yaml.formatted("tensor")).resources();
        assertThat(tensor.laneHistograms()).isOne();
        Resources model = models.plan(yaml.formatted("model")).resources();
        assertThat(model.laneHistograms()).isEqualTo(2);
        assertThat(models.plan(models.request(yaml.formatted("model"), "0", 1, 2, 190L << 20, "out")).resources().laneHistograms())
                .isOne();
    }

    /** A backend that is asked for nothing else. */
    private static Backend wanting(LaneNeeds needs) {
        return new Backend() {
            @Override
            public String name() {
                throw new UnsupportedOperationException();
            }

            @Override
            public String description() {
                throw new UnsupportedOperationException();
            }

            @Override
            public Kernels open(long memory) {
                throw new UnsupportedOperationException();
            }

            @Override
            public LaneNeeds needs() {
                return needs;
            }
        };
    }

    @Test
    void memoryOfLanesIsPartOfThePlan() throws IOException {
        LaneNeeds needs = new LaneNeeds(64L * Kernels.CHUNK, 24L << 20, 512L << 20);
        for (int threads : new int[] {1, 2, 16, 64, 200}) {
            for (long memory : new long[] {512L << 20, 2L << 30, 64L << 30}) {
                Resources resources = new Planner(Methods.load())
                        .plan(models.request(LINEAR, "0", 1, threads, memory, "out"), () -> wanting(needs))
                        .resources();
                assertThat(resources.laneMemory()).isBetween(0L, needs.memory());
                assertThat(threads * resources.laneMemory()).isLessThanOrEqualTo(Math.min(needs.mostMemory(), memory / 3));
                assertThat(resources.peakMemory())
                        .isGreaterThan(threads * resources.laneMemory())
                        .isLessThanOrEqualTo(memory);
            }
        }
    }

    @Test
    void resourcesStayWithinTheMemory() {
        for (long memory = 178L << 20; memory < 2L << 30; memory *= 2) {
            for (int threads : new int[] {1, 2, 7, 64}) {
                try {
                    Resources resources = models.plan(models.request(LINEAR, "0", 1, threads, memory, "out")).resources();
                    assertThat(resources.peakMemory()).isLessThanOrEqualTo(memory);
                    assertThat(resources.tileElements()).isPositive();
                    assertThat(resources.tileElements() % Kernels.CHUNK).isZero();
                    assertThat(resources.threads()).isEqualTo(threads);
                } catch (ResourceException e) {
                    assertThat(memory).as(e.getMessage()).isLessThan(512L << 20);
                }
            }
        }
    }

    /** Each sum takes a double per chunk; these tensors have one chunk. */
    @Test
    void memoryIsThatOfTheMethodsSums() {
        String experts = "base_model: base\nmodels: [{model: a}, {model: b}]\n"
                + "parameters: {weight: 1, density: 0.5, rescale: ";
        assertThat(sums("merge_method: ties\n" + experts.replace("0.5", "1") + "true}\n")).isZero();
        assertThat(sums("merge_method: dare_ties\n" + experts + "false}\n")).isZero();
        assertThat(sums("merge_method: dare_ties\n" + experts + "true}\n")).isEqualTo(4 * Double.BYTES);
        assertThat(sums("merge_method: slerp\nbase_model: a\nmodels: [{model: a}, {model: b}]\nparameters: {t: 0.5}\n"))
                .isEqualTo(3 * Double.BYTES);
        assertThat(sums(LINEAR)).isZero();
    }

    /** Three products per column for each group of 64 rows, or per row. */
    @Test
    void memoryIsThatOfTheColumnsSums() {
        String yaml = "merge_method: nuslerp\nmodels: [{model: a}, {model: b}]\n"
                + "parameters: {weight: 1, nuslerp_flatten: false, nuslerp_row_wise: ";
        assertThat(tensors(models.plan(yaml + "true}\n")).get(mlp(0)).memory()).isEqualTo(4 * 3 * Double.BYTES);
        assertThat(tensors(models.plan(yaml + "false}\n")).get(mlp(0)).memory()).isEqualTo(8 * 3 * Double.BYTES);
    }

    private long sums(String yaml) {
        return tensors(models.plan(yaml)).get(NORM).memory();
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.config.MergeConfig;
import dev.ingot.fixture.Merges;
import dev.ingot.fixture.TestFamily;
import dev.ingot.kernel.ReferenceBackend;
import dev.ingot.linalg.LinearAlgebra;
import dev.ingot.method.Methods;
import dev.ingot.plan.Plan;
import dev.ingot.plan.PlanRequest;
import dev.ingot.plan.Planner;
import dev.ingot.plan.Rng;
import dev.ingot.plan.ShardSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is told of the work on one matrix: it rises from pass to pass of its program, and all parts that were stated are taken. */
class MatrixProgressTest {
    @TempDir
    private static Path directory;

    /** Hears all that is told, tensor by tensor and program by program. */
    private static final class Listener extends Progress {
        private final Map<String, List<Double>> present = new HashMap<>();
        private final List<List<Double>> programs = new ArrayList<>();

        Listener() {
            super(1, 1);
        }

        @Override
        synchronized void working(String tensor, double share) {
            super.working(tensor, share);
            present.computeIfAbsent(tensor, name -> new ArrayList<>()).add(share);
        }

        @Override
        synchronized void rested(String tensor) {
            super.rested(tensor);
            List<Double> heard = present.remove(tensor);
            if (heard != null) {
                programs.add(heard);
            }
        }
    }

    @BeforeAll
    static void writeModels() throws IOException {
        TestFamily.uniform(directory, Dtype.F32, 2, 61, 300);
    }

    @BeforeEach
    void requireLinearAlgebra() {
        assumeTrue(LinearAlgebra.refusal().isEmpty(), () -> LinearAlgebra.refusal().orElseThrow());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "tsv_m                | {}                                    | 2",
        "iso_c                | {}                                    | 2",
        "iso_cts              | {}                                    | 2",
        "dop                  | {num_steps: 7}                        | 2",
        "doge_ta              | {num_steps: 7}                        | 2",
        "doge_ta              | {num_steps: 0}                        | 2",
        "wudi                 | {steps: 7}                            | 2",
        "swudi                | {}                                    | 2",
        "optmerge             | {}                                    | 2",
        "knots                | {}                                    | 4",
        "knots                | {top_k: 20}                           | 8",
        "opcm                 | {}                                    | 4",
        "singular_projection  | {}                                    | 2",
        "twin_merging         | {task_index: 1}                       | 2",
    })
    void risesToOne(String method, String parameters, int programs) throws IOException {
        String yaml = Merges.yaml(method, parameters, "a {}", "b {}", "c {}");
        Path output = Files.createTempDirectory(directory, "out");
        Plan plan = new Planner(Methods.load()).plan(new PlanRequest(
                MergeConfig.parse(yaml, "test"),
                List.of(directory),
                Map.of(),
                output,
                ShardSize.parse("0"),
                1,
                Rng.PHILOX,
                2,
                512L << 20,
                false,
                false));
        Listener listener = new Listener();
        new MergeExecutor(plan, new ReferenceBackend(), IoMode.AUTO, listener).run(resumed -> new LinkedHashMap<>());
        assertThat(listener.programs).hasSize(programs).allSatisfy(heard -> {
            assertThat(heard).isSorted().endsWith(1.0);
            assertThat(heard.getFirst()).isBetween(0.0, 0.6);
            // The end is told by itself; before it, the last task must have come to as much.
            assertThat(heard.get(heard.size() - 2)).isCloseTo(1, within(1e-9));
        });
        assertThat(listener.snapshot().activity()).isEqualTo(Progress.Activity.NONE);
    }
}

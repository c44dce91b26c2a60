// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ingot.checkpoint.Checkpoint;
import dev.ingot.checkpoint.Dtype;
import dev.ingot.checkpoint.Shape;
import dev.ingot.checkpoint.TensorRef;
import dev.ingot.fixture.TestCheckpoint;
import dev.ingot.fixture.TestTensor;
import dev.ingot.kernel.FormulaBuilder;
import dev.ingot.kernel.Kernels;
import dev.ingot.kernel.ReferenceBackend;
import dev.ingot.method.Cutoff;
import dev.ingot.method.ModelStep;
import dev.ingot.method.ParameterValues;
import dev.ingot.method.Score;
import dev.ingot.method.TensorContext;
import dev.ingot.plan.PlannedTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Selections over several tensors against a sort of all their elements. */
class ModelSelectionTest {
    private static final List<Integer> SIZES = List.of(200_000, 3, 0, 70_001, 16_384, 1);

    @TempDir
    private Path directory;

    private final List<PlannedTensor> tensors = new ArrayList<>();
    private final List<Integer> keys = new ArrayList<>();
    private InputFiles files;
    private int passes;

    /** A base of zeros, so that the model's elements are the deltas; many of them are equal. */
    @BeforeEach
    void write() throws IOException {
        SplittableRandom random = new SplittableRandom(7);
        List<TestTensor> base = new ArrayList<>();
        List<TestTensor> model = new ArrayList<>();
        for (int i = 0; i < SIZES.size(); i++) {
            float[] values = new float[SIZES.get(i)];
            for (int j = 0; j < values.length; j++) {
                float uniform = (float) random.nextDouble() - 0.5f;
                values[j] = (j % 3 == 0 ? Math.round(uniform * 64) / 64f : uniform) * (i + 1);
                keys.add(Float.floatToIntBits(values[j]) & 0x7fffffff);
            }
            base.add(TestTensor.of("t" + i, Dtype.F32, Shape.of(values.length), new float[values.length]));
            model.add(TestTensor.of("t" + i, Dtype.F32, Shape.of(values.length), values));
        }
        Checkpoint first = Checkpoint.open(TestCheckpoint.write(directory.resolve("base"), base));
        Checkpoint second = Checkpoint.open(TestCheckpoint.write(directory.resolve("model"), model));
        files = new InputFiles(List.of(first.files().getFirst(), second.files().getFirst()), IoMode.MMAP, Optional.empty());
        for (int i = 0; i < SIZES.size(); i++) {
            TensorRef ref = first.tensors().get("t" + i);
            ParameterValues none = new ParameterValues(Map.of());
            tensors.add(new PlannedTensor(
                    i, "t" + i, Dtype.F32, ref.shape(), Optional.of(ref), List.of(second.tensors().get("t" + i)),
                    Optional.empty(), Optional.empty(), Optional.empty(),
                    new TensorContext("t" + i, ref.shape(), true, List.of(), none, 0), 0, 0, 1, 0, 0, 0, 0));
        }
    }

    @AfterEach
    void close() {
        files.close();
    }

    private List<Cutoff> select(Function<TensorContext, List<Score>> scores, List<Long> keeps, long memory) {
        ModelStep.Select step = new ModelStep.Select(scores, keeps, found -> null);
        ProgramRun.Surroundings around = new ProgramRun.Surroundings(
                files, Kernels.CHUNK, new RandomSequence(0, List.of()), new Progress(0, 0), () -> {});
        ReferenceBackend backend = new ReferenceBackend();
        return new ModelSelection(
                        tensors,
                        step,
                        around,
                        (runs, taken) -> {
                            passes += runs.size() == 1 ? 0 : 1;
                            new TileScheduler(runs.iterator(), new MemoryBudget(1 << 20), new AtomicBoolean())
                                    .run(3, () -> new Lane(backend, backend.needs().memory(), 2));
                        },
                        memory)
                .cutoffs();
    }

    private void assertExact(Score score, long memory, int expectedPasses) {
        int[] sorted = keys.stream().mapToInt(Integer::intValue).sorted().toArray();
        List<Long> keeps = List.of(1L, 17L, sorted.length / 5L, sorted.length / 2L, (long) sorted.length);
        List<Score> scores = keeps.stream().map(keep -> score).toList();
        List<Cutoff> found = select(tensor -> scores, keeps, memory);
        for (int i = 0; i < keeps.size(); i++) {
            assertThat(found.get(i).threshold())
                    .as(keeps.get(i) + " of " + sorted.length)
                    .isEqualTo(sorted[sorted.length - keeps.get(i).intValue()]);
        }
        assertThat(passes).isEqualTo(expectedPasses);
    }

    @Test
    void aSampleAndOneReadFindThresholds() {
        assertExact(new Score.Delta(0), Long.MAX_VALUE, 2);
    }

    @Test
    void withoutMemoryTwoReadsFindThem() {
        assertExact(new Score.Delta(0), 0, 2);
    }

    @Test
    void computedScoresAreFoundAlike() {
        FormulaBuilder formula = new FormulaBuilder(true, 0);
        Score score = new Score.Computed(formula.output(formula.neg(formula.delta(0))).build());
        assertExact(score, Long.MAX_VALUE, 2);
        passes = 0;
        assertExact(score, 0, 2);
    }

    @Test
    void tensorsCanBeLeftOut() {
        List<Cutoff> found = select(
                tensor -> tensor.name().equals("t3") ? List.of(new Score.Delta(0)) : List.of(),
                List.of(70_001L),
                Long.MAX_VALUE);
        int[] own = keys.subList(200_003, 270_004).stream().mapToInt(Integer::intValue).toArray();
        assertThat(found.getFirst().threshold()).isEqualTo(Arrays.stream(own).min().orElseThrow());
    }
}

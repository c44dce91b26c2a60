// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.checkpoint.Checkpoint;
import dev.ingot.checkpoint.Dtype;
import dev.ingot.checkpoint.TensorRef;
import dev.ingot.fixture.TestCheckpoint;
import dev.ingot.fixture.TestTensor;
import dev.ingot.kernel.Backend;
import dev.ingot.kernel.Kernels;
import dev.ingot.kernel.MagnitudeSampling;
import dev.ingot.method.ParameterValues;
import dev.ingot.method.Score;
import dev.ingot.method.Selection;
import dev.ingot.method.Step;
import dev.ingot.method.TensorContext;
import dev.ingot.plan.PlannedTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.IntFunction;

/** Selects from deltas that lie in files, phase by phase on one thread, and sorts them for comparison. */
final class SelectionRig {
    private final Map<Integer, long[]> orders = new HashMap<>();
    private final TestTensor base;
    private final List<TestTensor> models;
    private final List<TensorRef> refs = new ArrayList<>();
    private final InputFiles files;

    /**
     * What a search found.
     *
     * @param selections one per model
     * @param histograms how many of its passes were of the slow way
     */
    record Found(List<Selection> selections, int histograms) {}

    /** Writes the operands to files below a directory and opens them in this mode. */
    SelectionRig(Path directory, IoMode mode, Dtype dtype, float[] base, List<float[]> models) throws IOException {
        this.base = TestTensor.vector("t", dtype, base);
        this.models = models.stream().map(values -> TestTensor.vector("t", dtype, values)).toList();
        List<TestTensor> all = new ArrayList<>(List.of(this.base));
        all.addAll(this.models);
        List<Checkpoint> checkpoints = new ArrayList<>();
        for (TestTensor tensor : all) {
            Path model = Files.createTempDirectory(directory, "model");
            checkpoints.add(Checkpoint.open(TestCheckpoint.write(model, List.of(tensor))));
            refs.add(checkpoints.getLast().tensors().get("t"));
        }
        files = new InputFiles(
                checkpoints.stream().flatMap(c -> c.files().stream()).toList(), mode, Optional.empty());
    }

    /** Searches with the given guess, or with a sampled one where it is null. */
    Found select(Backend backend, List<OptionalLong> keep, SelectPhase.Guess guess) {
        return select(backend, keep, guess, Score.Delta::new);
    }

    /** Searches by other scores of the models. */
    Found select(
            Backend backend, List<OptionalLong> keep, SelectPhase.Guess guess, IntFunction<Score> score) {
        List<Selection> result = new ArrayList<>();
        List<Step.Pick> picks = new ArrayList<>();
        List<Integer> picked = new ArrayList<>();
        for (int model = 0; model < keep.size(); model++) {
            result.add(null);
            if (keep.get(model).isPresent()) {
                picks.add(new Step.Pick(score.apply(model), keep.get(model).getAsLong()));
                picked.add(model);
            }
        }
        Step.Select step = new Step.Select(picks, selections -> {
            for (int i = 0; i < picked.size(); i++) {
                result.set(picked.get(i), selections.get(i));
            }
            return new Step.CopyBase();
        });
        PlannedTensor tensor = new PlannedTensor(
                0, "t", base.dtype(), base.shape(), Optional.of(refs.getFirst()), refs.subList(1, refs.size()),
                Optional.empty(), Optional.empty(), Optional.empty(), new TensorContext("t", base.shape(), true, List.of(), new ParameterValues(Map.of()), 0),
                0, 0, 1, 0, 0, MagnitudeSampling.capacity(base.shape().elements(), false), 0);
        int histograms = 0;
        try (Lane lane = new Lane(backend, backend.needs().memory(), 1)) {
            ProgramRun.Surroundings around = new ProgramRun.Surroundings(
                    files, Kernels.CHUNK, new RandomSequence(0, List.of()), new Progress(0, 0), () -> {});
            MergeRun run = new MergeRun(tensor, tensor.program(), around, null);
            Phase phase = guess == null ? SelectPhase.sampled(run, step, lane) : new SelectPhase(run, step, guess);
            while (!(phase instanceof CopyPhase)) {
                histograms += phase instanceof HistogramPhase ? 1 : 0;
                // Backwards, because workers may run tiles in any order.
                for (int tile = phase.tiles() - 1; tile >= 0; tile--) {
                    phase.run(tile, lane);
                }
                phase = phase.finish(lane).orElseThrow();
            }
            run.close();
        }
        return new Found(result, histograms);
    }

    /** The same selection by sorting: by descending magnitude, then ascending index; NaN above all numbers. */
    Selection sorted(int model, long keep) {
        long[] order = orders.computeIfAbsent(model, this::order);
        int last = (int) order[(int) keep - 1];
        return new Selection(Integer.MAX_VALUE - (int) (order[(int) keep - 1] >>> Integer.SIZE), last + 1);
    }

    private long[] order(int model) {
        int[] keys = keys(model);
        long[] order = new long[keys.length];
        for (int i = 0; i < keys.length; i++) {
            order[i] = (long) (Integer.MAX_VALUE - keys[i]) << Integer.SIZE | i;
        }
        Arrays.sort(order);
        return order;
    }

    /** The key of the given rank. */
    int[] keys(int model) {
        double[] origin = base.values();
        double[] values = models.get(model).values();
        int[] keys = new int[values.length];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = Float.floatToIntBits((float) values[i] - (float) origin[i]) & 0x7fffffff;
        }
        return keys;
    }

    void close() {
        files.close();
    }
}

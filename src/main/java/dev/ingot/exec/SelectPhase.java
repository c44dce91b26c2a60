// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.kernel.Bracket;
import dev.ingot.kernel.ScanCounts;
import dev.ingot.method.Selection;
import dev.ingot.method.Step;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The pass that finds every model's largest deltas, all in one read; a missed guess costs further passes. */
final class SelectPhase extends TiledPhase {
    /** Lane buffers from this index on receive candidates; those before it hold output and input tiles. */
    private static final int FIRST_BUFFER = 128;

    private final Step.Select step;
    private final List<Integer> models = new ArrayList<>();
    private final List<Selector> selectors = new ArrayList<>();
    private final List<Bracket> brackets = new ArrayList<>();

    /** Guesses a bracket; replaced in tests, which need wrong guesses. */
    interface Guess {
        Bracket bracket(int model, long keep);
    }

    SelectPhase(MergeRun run, Step.Select step, Guess guess) {
        super(run);
        this.step = step;
        for (int model = 0; model < step.keep().size(); model++) {
            if (step.keep().get(model).isPresent()) {
                long keep = step.keep().get(model).getAsLong();
                Bracket bracket = guess.bracket(model, keep);
                MemorySegment room = run.allocate(run.tensor().candidates() * Integer.BYTES, Integer.BYTES);
                models.add(model);
                brackets.add(bracket);
                selectors.add(new Selector(keep, bracket, room, tiles()));
            }
        }
    }

    static SelectPhase sampled(MergeRun run, Step.Select step, Lane lane) {
        TensorInputs inputs = run.inputs();
        return new SelectPhase(run, step, (model, keep) -> MagnitudeSample.bracket(
                inputs.whole(inputs.base()),
                inputs.whole(inputs.model(model)),
                run.tensor().elements(),
                keep,
                lane.kernels()));
    }

    @Override
    void run(int tile, long start, long count, Lane lane) {
        List<MemorySegment> candidates = new ArrayList<>();
        for (int i = 0; i < models.size(); i++) {
            candidates.add(lane.buffer(FIRST_BUFFER + i, count * Integer.BYTES));
        }
        List<ScanCounts> counts =
                lane.kernels().selectScan(brackets, run().inputs().deltas(lane, start, count, models), candidates);
        for (int i = 0; i < models.size(); i++) {
            selectors.get(i).add(tile, counts.get(i), candidates.get(i));
        }
    }

    @Override
    public Optional<Phase> finish(Lane lane) {
        List<Selection> found = new ArrayList<>(Arrays.asList(new Selection[step.keep().size()]));
        List<Integer> missed = new ArrayList<>();
        for (int i = 0; i < models.size(); i++) {
            Selector selector = selectors.get(i);
            Optional<Threshold> threshold = selector.resolve(lane.kernels());
            if (threshold.isPresent()) {
                long[] ties = selector.ties(threshold.get().key(), lane.kernels());
                found.set(models.get(i), TieCut.of(run(), models.get(i), threshold.get(), ties, lane));
            } else {
                missed.add(models.get(i));
            }
        }
        return Optional.of(HistogramPhase.next(run(), step, found, missed, lane));
    }
}

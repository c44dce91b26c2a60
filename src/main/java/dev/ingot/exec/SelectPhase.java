// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.kernel.Bracket;
import dev.ingot.method.Score;
import dev.ingot.method.Selection;
import dev.ingot.method.Step;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The pass that finds the largest elements by every score, all in one read; a missed guess costs further passes. */
final class SelectPhase extends TiledPhase {
    private final Step.Select step;
    private final List<Selector> selectors = new ArrayList<>();
    private final Scan scan;

    /** Guesses a bracket; replaced in tests, which need wrong guesses. */
    interface Guess {
        Bracket bracket(Score score, long keep);
    }

    SelectPhase(ProgramRun run, Step.Select step, Guess guess) {
        super(run);
        this.step = step;
        for (Step.Pick pick : step.picks()) {
            MemorySegment room = run.allocate(run.tensor().candidates() * Integer.BYTES, Integer.BYTES);
            selectors.add(new Selector(pick.keep(), guess.bracket(pick.score(), pick.keep()), room, tiles()));
        }
        this.scan = new Scan(step.picks().stream().map(Step.Pick::score).toList(), selectors);
    }

    static SelectPhase sampled(ProgramRun run, Step.Select step, Lane lane) {
        return new SelectPhase(run, step, (score, keep) ->
                MagnitudeSample.bracket(run.inputs(), run.tensor().elements(), score, keep, lane));
    }

    @Override
    void run(int tile, long start, long count, Lane lane) {
        scan.run(run().inputs(), tile, start, count, lane);
    }

    @Override
    public Optional<Phase> finish(Lane lane) {
        List<Selection> found = new ArrayList<>(Arrays.asList(new Selection[step.picks().size()]));
        List<Integer> missed = new ArrayList<>();
        for (int i = 0; i < selectors.size(); i++) {
            Selector selector = selectors.get(i);
            Optional<Threshold> threshold = selector.resolve(lane.kernels());
            if (threshold.isPresent()) {
                long[] ties = selector.ties(threshold.get().key(), lane.kernels());
                found.set(i, TieCut.of(run(), step.picks().get(i).score(), threshold.get(), ties, lane));
            } else {
                missed.add(i);
            }
        }
        return Optional.of(HistogramPhase.next(run(), step, found, missed, lane));
    }
}

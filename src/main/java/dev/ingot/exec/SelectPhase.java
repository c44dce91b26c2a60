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
        Bracket bracket(Step.Pick pick);
    }

    SelectPhase(ProgramRun run, Step.Select step, Guess guess) {
        super(run);
        this.step = step;
        for (Step.Pick pick : step.picks()) {
            MemorySegment room = run.allocate(run.tensor().candidates() * Integer.BYTES, Integer.BYTES);
            selectors.add(new Selector(guess.bracket(pick), room, tiles()));
        }
        List<Score> scores = step.picks().stream().map(Step.Pick::score).toList();
        this.scan = new Scan(
                scores, selectors, pick -> step.picks().get(pick).keep() instanceof Step.Keep.ShareOfPositive);
    }

    static SelectPhase sampled(ProgramRun run, Step.Select step, Lane lane) {
        return new SelectPhase(
                run, step, pick -> MagnitudeSample.bracket(run, pick, lane));
    }

    @Override
    void run(int tile, long start, long count, Lane lane) {
        scan.run(run(), tile, start, count, lane);
    }

    private long keep(int pick) {
        return switch (step.picks().get(pick).keep()) {
            case Step.Keep.Number(long number) -> number;
            case Step.Keep.ShareOfPositive share -> share.of(scan.positive(pick));
        };
    }

    @Override
    public Optional<Phase> finish(Lane lane) {
        List<Selection> found = new ArrayList<>(Arrays.asList(new Selection[step.picks().size()]));
        List<Integer> missed = new ArrayList<>();
        for (int i = 0; i < selectors.size(); i++) {
            Selector selector = selectors.get(i);
            if (keep(i) == 0) {
                found.set(i, Selection.NOTHING);
                continue;
            }
            Optional<Threshold> threshold = selector.resolve(keep(i), lane.kernels());
            if (threshold.isPresent()) {
                long[] ties = selector.ties(threshold.get().key(), lane.kernels());
                found.set(i, TieCut.of(run(), step.picks().get(i).score(), threshold.get(), ties, lane));
            } else {
                missed.add(i);
            }
        }
        return Optional.of(HistogramPhase.next(run(), step, found, missed, this::keep, lane));
    }
}

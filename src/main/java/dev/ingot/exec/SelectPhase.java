// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.kernel.Bracket;
import dev.ingot.kernel.DeltaMerge;
import dev.ingot.kernel.Operand;
import dev.ingot.kernel.ScanCounts;
import dev.ingot.kernel.Tile;
import dev.ingot.method.Score;
import dev.ingot.method.Selection;
import dev.ingot.method.Step;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The pass that finds the largest elements by every score, all in one read; a missed guess costs further passes. A model may be
 * picked from more than once, so there may be more picks than one scan takes.
 */
final class SelectPhase extends TiledPhase {
    private static final Bracket ZERO = new Bracket(0, 0);
    private static final Bracket INFINITY =
            new Bracket(Float.floatToIntBits(Float.POSITIVE_INFINITY), Float.floatToIntBits(Float.POSITIVE_INFINITY));

    private final Step.Select step;
    private final List<Selector> selectors = new ArrayList<>();
    private final Map<Score.Computed, List<Integer>> byComputed = new LinkedHashMap<>();
    private final List<Integer> byDelta = new ArrayList<>();
    private final AtomicLongArray positive;

    /** Guesses a bracket; replaced in tests, which need wrong guesses. */
    interface Guess {
        Bracket bracket(Step.Pick pick);
    }

    SelectPhase(MergeRun run, Step.Select step, Guess guess) {
        super(run);
        this.step = step;
        this.positive = new AtomicLongArray(step.picks().size());
        for (int i = 0; i < step.picks().size(); i++) {
            Step.Pick pick = step.picks().get(i);
            MemorySegment room = run.allocate(run.tensor().candidates() * Integer.BYTES, Integer.BYTES);
            selectors.add(new Selector(guess.bracket(pick), room, tiles()));
            switch (pick.score()) {
                case Score.Delta delta -> byDelta.add(i);
                case Score.Computed computed ->
                    byComputed.computeIfAbsent(computed, score -> new ArrayList<>()).add(i);
            }
        }
    }

    static SelectPhase sampled(MergeRun run, Step.Select step, Lane lane) {
        return new SelectPhase(
                run, step, pick -> MagnitudeSample.bracket(run.inputs(), run.tensor().elements(), pick, lane));
    }

    @Override
    void run(int tile, long start, long count, Lane lane) {
        for (int first = 0; first < byDelta.size(); first += DeltaMerge.MAX_TERMS) {
            List<Integer> picks = byDelta.subList(first, Math.min(byDelta.size(), first + DeltaMerge.MAX_TERMS));
            List<Integer> models = picks.stream()
                    .map(pick -> ((Score.Delta) step.picks().get(pick).score()).model())
                    .toList();
            Tile deltas = run().inputs().deltas(lane, start, count, models);
            scan(tile, picks, deltas, lane);
            countPositive(picks, deltas, lane);
        }
        byComputed.forEach((score, picks) -> {
            List<Operand> operands = Scores.operands(run().inputs(), score, lane, start, count);
            List<Operand> values = picks.stream().map(pick -> operands.getLast()).toList();
            Tile scores = new Tile(start, count, Optional.of(operands.getFirst()), values);
            scan(tile, picks, scores, lane);
            countPositive(picks, scores, lane);
        });
    }

    private void scan(int tile, List<Integer> picks, Tile operands, Lane lane) {
        List<Bracket> brackets = new ArrayList<>();
        List<MemorySegment> candidates = new ArrayList<>();
        for (int pick : picks) {
            brackets.add(selectors.get(pick).bracket());
            candidates.add(lane.buffer(Lane.CANDIDATES + pick, operands.count() * Integer.BYTES));
        }
        List<ScanCounts> counts = lane.kernels().selectScan(brackets, operands, candidates);
        for (int i = 0; i < picks.size(); i++) {
            selectors.get(picks.get(i)).add(tile, counts.get(i), candidates.get(i));
        }
    }

    /** Counts the keys above zero that are no NaN, where a pick goes by their number. */
    private void countPositive(List<Integer> picks, Tile operands, Lane lane) {
        for (int i = 0; i < picks.size(); i++) {
            if (step.picks().get(picks.get(i)).keep() instanceof Step.Keep.ShareOfPositive) {
                Operand values = operands.models().get(i);
                Tile twice = new Tile(operands.start(), operands.count(), operands.base(), List.of(values, values));
                List<ScanCounts> counts = lane.kernels()
                        .selectScan(List.of(ZERO, INFINITY), twice, List.of(MemorySegment.NULL, MemorySegment.NULL));
                positive.addAndGet(picks.get(i), counts.getFirst().above() - counts.getLast().above());
            }
        }
    }

    private long keep(int pick) {
        return switch (step.picks().get(pick).keep()) {
            case Step.Keep.Number(long number) -> number;
            case Step.Keep.ShareOfPositive share -> share.of(positive.get(pick));
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

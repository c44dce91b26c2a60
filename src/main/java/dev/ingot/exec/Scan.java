// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.kernel.Bracket;
import dev.ingot.kernel.DeltaMerge;
import dev.ingot.kernel.Operand;
import dev.ingot.kernel.ScanCounts;
import dev.ingot.kernel.Tile;
import dev.ingot.method.Score;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.IntPredicate;

/**
 * Counts tiles of a tensor for several selectors in one read. A model may be picked from more than once, so there may be more
 * picks than one kernel call takes.
 */
final class Scan {
    private static final Bracket ZERO = new Bracket(0, 0);
    private static final Bracket INFINITY =
            new Bracket(Float.floatToIntBits(Float.POSITIVE_INFINITY), Float.floatToIntBits(Float.POSITIVE_INFINITY));

    private final List<Score> scores;
    private final List<Selector> selectors;
    private final Map<Score, List<Integer>> byValues = new LinkedHashMap<>();
    private final List<Integer> byDelta = new ArrayList<>();
    private final IntPredicate countsPositive;
    private final AtomicLongArray positive;

    /** @param scores what each selector goes by */
    Scan(List<Score> scores, List<Selector> selectors) {
        this(scores, selectors, pick -> false);
    }

    /**
     * A scan that also counts positive scores.
     *
     * @param scores         what each selector goes by
     * @param countsPositive for which selectors they are counted
     */
    Scan(List<Score> scores, List<Selector> selectors, IntPredicate countsPositive) {
        this.scores = List.copyOf(scores);
        this.selectors = List.copyOf(selectors);
        this.countsPositive = countsPositive;
        this.positive = new AtomicLongArray(scores.size());
        for (int i = 0; i < scores.size(); i++) {
            switch (scores.get(i)) {
                case Score.Delta delta -> byDelta.add(i);
                case Score.Computed computed -> sharing(computed).add(i);
                case Score.Product product -> sharing(product).add(i);
            }
        }
    }

    /** Picks by the same values. */
    private List<Integer> sharing(Score score) {
        return byValues.computeIfAbsent(score, values -> new ArrayList<>());
    }

    /**
     * Counts elements start to start + count.
     *
     * @param tile the number under which selectors know the tile
     */
    void run(ProgramRun run, int tile, long start, long count, Lane lane) {
        for (int first = 0; first < byDelta.size(); first += DeltaMerge.MAX_TERMS) {
            List<Integer> picks = byDelta.subList(first, Math.min(byDelta.size(), first + DeltaMerge.MAX_TERMS));
            List<Integer> models = picks.stream()
                    .map(pick -> ((Score.Delta) scores.get(pick)).model())
                    .toList();
            scan(tile, picks, run.inputs().deltas(lane, start, count, models), lane);
        }
        byValues.forEach((score, picks) -> {
            List<Operand> operands = Scores.operands(run, score, lane, start, count);
            List<Operand> values = picks.stream().map(pick -> operands.getLast()).toList();
            scan(tile, picks, new Tile(start, count, Optional.of(operands.getFirst()), values), lane);
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
            if (countsPositive.test(picks.get(i))) {
                positive.addAndGet(picks.get(i), positive(operands, i, lane));
            }
        }
    }

    /** The number of keys above zero that are no NaN. */
    private static long positive(Tile operands, int model, Lane lane) {
        Operand values = operands.models().get(model);
        Tile twice = new Tile(operands.start(), operands.count(), operands.base(), List.of(values, values));
        List<ScanCounts> counts = lane.kernels()
                .selectScan(List.of(ZERO, INFINITY), twice, List.of(MemorySegment.NULL, MemorySegment.NULL));
        return counts.getFirst().above() - counts.getLast().above();
    }

    /** How many of the scores that a selector goes by are positive; after all tiles. */
    long positive(int pick) {
        return positive.get(pick);
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.kernel.Bracket;
import dev.ingot.kernel.Operand;
import dev.ingot.kernel.ScanCounts;
import dev.ingot.kernel.Tile;
import dev.ingot.method.Score;
import dev.ingot.method.Selection;
import dev.ingot.method.Step;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.function.IntToLongFunction;

/**
 * Finds the k largest elements by one score without a guess, in three reads and constant memory: a histogram of the keys' upper
 * 16 bits, one of the lower 15 bits below the prefix found, and a count of ties per tile.
 */
final class HistogramPhase extends TiledPhase {
    /** What the pass counts. */
    private enum Stage {
        UPPER_BITS,
        LOWER_BITS,
        TIES
    }

    private final Step.Select step;
    private final List<Selection> found;
    private final List<Integer> missed;
    private final IntToLongFunction keep;
    private final Stage stage;
    private final int prefix;
    private final Threshold threshold;
    private final KeyHistogram bins;
    private final long[] ties;
    private final long rank;

    private HistogramPhase(
            ProgramRun run,
            Step.Select step,
            List<Selection> found,
            List<Integer> missed,
            IntToLongFunction keep,
            Stage stage,
            int prefix,
            Threshold threshold,
            long rank) {
        super(run);
        this.step = step;
        this.found = found;
        this.missed = missed;
        this.keep = keep;
        this.stage = stage;
        this.prefix = prefix;
        this.threshold = threshold;
        this.rank = rank;
        this.bins = new KeyHistogram(prefix, 0);
        this.ties = new long[tiles()];
    }

    /**
     * What follows when some selections are known.
     *
     * @param found  one per pick, null where nothing is known yet
     * @param missed the picks still to be searched
     * @param keep   how many elements a pick selects
     */
    static Phase next(
            ProgramRun run,
            Step.Select step,
            List<Selection> found,
            List<Integer> missed,
            IntToLongFunction keep,
            Lane lane) {
        if (missed.isEmpty()) {
            return run.phase(step.then().apply(found), lane);
        }
        long rank = keep.applyAsLong(missed.getFirst());
        return new HistogramPhase(run, step, found, missed, keep, Stage.UPPER_BITS, -1, null, rank);
    }

    @Override
    void run(int tile, long start, long count, Lane lane) {
        List<Operand> operands = Scores.operands(run(), score(), lane, start, count);
        if (stage == Stage.TIES) {
            Bracket exact = new Bracket(threshold.key(), threshold.key());
            Tile compared = new Tile(start, count, Optional.of(operands.getFirst()), List.of(operands.getLast()));
            List<ScanCounts> counts = lane.kernels().selectScan(List.of(exact), compared, List.of(MemorySegment.NULL));
            ties[tile] = counts.getFirst().atHigh();
        } else {
            bins.add(operands, count, lane);
        }
    }

    @Override
    public Optional<Phase> finish(Lane lane) {
        if (stage == Stage.TIES) {
            found.set(missed.getFirst(), TieCut.of(run(), score(), threshold, ties, lane));
            return Optional.of(next(run(), step, found, missed.subList(1, missed.size()), keep, lane));
        }
        KeyHistogram.Found key = bins.find(rank);
        long left = rank - key.above();
        return Optional.of(
                stage == Stage.UPPER_BITS
                        ? follow(Stage.LOWER_BITS, key.bin(), null, left)
                        : follow(Stage.TIES, prefix, new Threshold(prefix << KeyHistogram.LOW_BITS | key.bin(), left), rank));
    }

    private Score score() {
        return step.picks().get(missed.getFirst()).score();
    }

    private HistogramPhase follow(Stage next, int nextPrefix, Threshold nextThreshold, long nextRank) {
        return new HistogramPhase(run(), step, found, missed, keep, next, nextPrefix, nextThreshold, nextRank);
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.BandMask;
import dev.ingot.kernel.RankedMask;
import dev.ingot.linalg.LinearAlgebra;
import dev.ingot.matrix.MatrixNeeds;
import java.util.function.Consumer;

/**
 * What a program's memory goes by. Steps follow one another, so each figure is the most that one of them takes.
 *
 * @param sums       numbers per segment that are summed up
 * @param columnSums numbers per column that are summed up, for each group of rows
 * @param rowLength  elements of the rows that segments end with, or of a group of rows; 0 if the tensor is one row
 * @param deltaPicks selections by the magnitude of a delta, at a time
 * @param scorePicks selections by a computed score, at a time
 * @param modelPicks selections over the whole model, at a time
 * @param masks      masks of one bit per element
 * @param laneFloats float32 values per element of a tile
 * @param wholeRows  whether tiles consist of whole rows, or groups of rows
 * @param rowsAround whether tiles are cut out of the rows around them
 * @param draws      numbers per element that are taken from the run's {@linkplain Randomness.Sequence sequence}
 * @param matrices   memory of computations on whole matrices
 */
public record Needs(
        int sums,
        int columnSums,
        long rowLength,
        int deltaPicks,
        int scorePicks,
        int modelPicks,
        int masks,
        int laneFloats,
        boolean wholeRows,
        boolean rowsAround,
        int draws,
        MatrixNeeds matrices) {
    /** What ranking takes besides the ranks, in float32: the value, and three words of 64 bits to sort. */
    private static final int RANKING = 7;

    /** Nothing beyond inputs and output. */
    public static final Needs NONE = new Needs(0, 0, 0, 0, 0, 0, 0, 0, false, false, 0, MatrixNeeds.NONE);

    /** All figures, to change some. */
    private static final class Copy {
        private int sums;
        private int columnSums;
        private long rowLength;
        private int deltaPicks;
        private int scorePicks;
        private int modelPicks;
        private int masks;
        private int laneFloats;
        private boolean wholeRows;
        private boolean rowsAround;
        private int draws;
        private MatrixNeeds matrices;
    }

    private Needs with(Consumer<Copy> change) {
        Copy copy = new Copy();
        copy.sums = sums;
        copy.columnSums = columnSums;
        copy.rowLength = rowLength;
        copy.deltaPicks = deltaPicks;
        copy.scorePicks = scorePicks;
        copy.modelPicks = modelPicks;
        copy.masks = masks;
        copy.laneFloats = laneFloats;
        copy.wholeRows = wholeRows;
        copy.rowsAround = rowsAround;
        copy.draws = draws;
        copy.matrices = matrices;
        change.accept(copy);
        return new Needs(
                copy.sums,
                copy.columnSums,
                copy.rowLength,
                copy.deltaPicks,
                copy.scorePicks,
                copy.modelPicks,
                copy.masks,
                copy.laneFloats,
                copy.wholeRows,
                copy.rowsAround,
                copy.draws,
                copy.matrices);
    }

    /** The same with that many numbers per segment. */
    public Needs withSums(int number, long row) {
        return with(copy -> {
            copy.sums = number;
            copy.rowLength = row;
        });
    }

    /** The same with that many selections at a time. */
    public Needs withPicks(int byDelta, int byScore) {
        return with(copy -> {
            copy.deltaPicks = byDelta;
            copy.scorePicks = byScore;
            copy.laneFloats = Math.max(laneFloats, byScore > 0 ? 2 : 0);
        });
    }

    /**
     * The same with that many selections over the whole model at a time.
     *
     * @param computed whether some of them are by a computed score
     */
    public Needs withModelPicks(int number, boolean computed) {
        int floats = Math.max(laneFloats, computed ? 2 : 0);
        return with(copy -> {
            copy.modelPicks = number;
            copy.laneFloats = floats;
        });
    }

    /** The same with that many masks of one bit per element. */
    public Needs withMasks(int number) {
        return with(copy -> copy.masks = number);
    }

    /** The same with that many sums per column, of groups of rows, in a pass that computes two values per element. */
    public Needs withColumns(int number, long columns) {
        long group = Step.ColumnGram.GROUP * columns;
        return with(copy -> {
            copy.columnSums = number;
            copy.rowLength = group;
            copy.laneFloats = Math.max(laneFloats, 2);
            copy.wholeRows = true;
        });
    }

    /** The same with random masks by rank within rows, which take a float32 number per element where it is not computed. */
    public Needs withRankedMasks(long row) {
        return with(copy -> {
            copy.rowLength = row;
            copy.laneFloats = Math.max(laneFloats, RankedMask.SCRATCH + 1);
            copy.wholeRows = true;
        });
    }

    /** The same with masks of bands of ranks within rows, beside what formulas take. */
    public Needs withBandMasks(int number, long row) {
        return with(copy -> {
            copy.rowLength = Math.max(rowLength, row);
            copy.masks = masks + number;
            copy.laneFloats = Math.max(laneFloats, BandMask.SCRATCH);
            copy.wholeRows = true;
        });
    }

    /** The same with that many ranks within rows as inputs of formulas, whose tiles need the rows around them. */
    public Needs withRanks(int number, long row) {
        return with(copy -> {
            copy.rowLength = row;
            copy.laneFloats = Math.max(laneFloats, number + RANKING);
            copy.rowsAround = true;
        });
    }

    /** The same with that many numbers of the sequence per element. */
    public Needs withDraws(int number) {
        return with(copy -> {
            copy.laneFloats = laneFloats + number;
            copy.draws = number;
        });
    }

    /**
     * The same with computations on whole matrices. All of them take linear algebra, also those that need no work space of it.
     *
     * @throws dev.ingot.error.DeviceException if there is none on this machine
     */
    public Needs withMatrices(MatrixNeeds memory) {
        LinearAlgebra.require();
        return with(copy -> copy.matrices = matrices.or(memory));
    }
}

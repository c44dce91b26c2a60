// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.BandMask;
import dev.ingot.kernel.RankedMask;
import dev.ingot.matrix.MatrixNeeds;

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

    /** The same with that many numbers per segment. */
    public Needs withSums(int number, long row) {
        return new Needs(
                number,
                columnSums,
                row,
                deltaPicks,
                scorePicks,
                modelPicks,
                masks,
                laneFloats,
                wholeRows,
                rowsAround,
                draws,
                matrices);
    }

    /** The same with that many selections at a time. */
    public Needs withPicks(int byDelta, int byScore) {
        return new Needs(
                sums,
                columnSums,
                rowLength,
                byDelta,
                byScore,
                modelPicks,
                masks,
                Math.max(laneFloats, byScore > 0 ? 2 : 0),
                wholeRows, rowsAround, draws, matrices);
    }

    /**
     * The same with that many selections over the whole model at a time.
     *
     * @param computed whether some of them are by a computed score
     */
    public Needs withModelPicks(int number, boolean computed) {
        int floats = Math.max(laneFloats, computed ? 2 : 0);
        return new Needs(
                sums,
                columnSums,
                rowLength,
                deltaPicks,
                scorePicks,
                number,
                masks,
                floats,
                wholeRows,
                rowsAround,
                draws,
                matrices);
    }

    /** The same with that many masks of one bit per element. */
    public Needs withMasks(int number) {
        return new Needs(
                sums,
                columnSums,
                rowLength,
                deltaPicks,
                scorePicks,
                modelPicks,
                number,
                laneFloats,
                wholeRows,
                rowsAround,
                draws,
                matrices);
    }

    /** The same with that many sums per column, of groups of rows, in a pass that computes two values per element. */
    public Needs withColumns(int number, long columns) {
        long group = Step.ColumnGram.GROUP * columns;
        return new Needs(
                sums,
                number,
                group,
                deltaPicks,
                scorePicks,
                modelPicks,
                masks,
                Math.max(laneFloats, 2),
                true,
                rowsAround,
                draws,
                matrices);
    }

    /** The same with random masks by rank within rows, which take a float32 number per element where it is not computed. */
    public Needs withRankedMasks(long row) {
        return new Needs(
                sums,
                columnSums,
                row,
                deltaPicks,
                scorePicks,
                modelPicks,
                masks,
                Math.max(laneFloats, RankedMask.SCRATCH + 1),
                true,
                rowsAround,
                draws,
                matrices);
    }

    /** The same with masks of bands of ranks within rows, beside what formulas take. */
    public Needs withBandMasks(int number, long row) {
        return new Needs(
                sums,
                columnSums,
                Math.max(rowLength, row),
                deltaPicks,
                scorePicks,
                modelPicks,
                masks + number,
                Math.max(laneFloats, BandMask.SCRATCH),
                true,
                rowsAround,
                draws);
    }

    /** The same with that many ranks within rows as inputs of formulas, whose tiles need the rows around them. */
    public Needs withRanks(int number, long row) {
        return new Needs(
                sums,
                columnSums,
                row,
                deltaPicks,
                scorePicks,
                modelPicks,
                masks,
                Math.max(laneFloats, number + RANKING),
                wholeRows,
                true,
                draws,
                matrices);
    }

    /** The same with that many numbers of the sequence per element. */
    public Needs withDraws(int number) {
        return new Needs(
                sums,
                columnSums,
                rowLength,
                deltaPicks,
                scorePicks,
                modelPicks,
                masks,
                laneFloats + number,
                wholeRows,
                rowsAround,
                number,
                matrices);
    }

    /** The same with computations on whole matrices. */
    public Needs withMatrices(MatrixNeeds memory) {
        return new Needs(
                sums,
                columnSums,
                rowLength,
                deltaPicks,
                scorePicks,
                modelPicks,
                masks,
                laneFloats,
                wholeRows,
                rowsAround,
                draws,
                matrices.or(memory));
    }
}

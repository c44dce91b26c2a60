// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.kernel.FormulaResults;
import dev.ingot.kernel.Operand;
import dev.ingot.method.Step;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The pass that multiplies columns. Rows are added up in order within groups, and the groups in order, so
 * that results do not depend on tiles and threads.
 */
final class ColumnPhase implements Phase {
    private static final int GROUP = Step.ColumnGram.GROUP;
    private static final int PRODUCTS = 3;

    private final ProgramRun run;
    private final Step.ColumnGram step;
    private final int columns;
    private final RowTiles tiles;
    private final MemorySegment partial;

    ColumnPhase(ProgramRun run, Step.ColumnGram step) {
        this.run = run;
        this.step = step;
        long elements = run.tensor().elements();
        this.columns = Math.toIntExact(step.formula().rowLength());
        long group = (long) GROUP * columns;
        this.tiles = new RowTiles(elements, group, Math.max(group, run.tileElements()), true);
        this.partial = run.allocate(Math.ceilDiv(elements, group) * columns * PRODUCTS * Double.BYTES, Double.BYTES);
    }

    @Override
    public int tiles() {
        return tiles.number();
    }

    @Override
    public void run(int tile, Lane lane) {
        long start = tiles.start(tile);
        long count = tiles.count(tile);
        run.prefetch(tile, start, count);
        MemorySegment x = lane.buffer(Lane.COMPUTED, count * Float.BYTES);
        MemorySegment y = lane.buffer(Lane.FURTHER, count * Float.BYTES);
        lane.kernels()
                .formula(
                        step.formula(),
                        run.inputs().tile(lane, start, count),
                        new FormulaResults(
                                List.of(new Operand(x, Dtype.F32), new Operand(y, Dtype.F32)), List.of(), MemorySegment.NULL));
        double[] sums = new double[PRODUCTS * columns];
        long rows = count / columns;
        for (long row = 0; row < rows; row++) {
            addRow(x, y, row * columns, sums);
            if (row % GROUP == GROUP - 1 || row == rows - 1) {
                long group = (start / columns + row) / GROUP;
                MemorySegment.copy(sums, 0, partial, ValueLayout.JAVA_DOUBLE, group * sums.length * Double.BYTES, sums.length);
                Arrays.fill(sums, 0);
            }
        }
        run.countRead(count);
    }

    private void addRow(MemorySegment x, MemorySegment y, long first, double[] sums) {
        for (int column = 0; column < columns; column++) {
            double a = x.getAtIndex(ValueLayout.JAVA_FLOAT, first + column);
            double b = y.getAtIndex(ValueLayout.JAVA_FLOAT, first + column);
            sums[PRODUCTS * column] += a * a;
            sums[PRODUCTS * column + 1] += a * b;
            sums[PRODUCTS * column + 2] += b * b;
        }
    }

    @Override
    public Optional<Phase> finish(Lane lane) {
        double[][] products = new double[columns][PRODUCTS];
        long values = partial.byteSize() / Double.BYTES;
        for (long i = 0; i < values; i++) {
            int place = (int) (i % ((long) columns * PRODUCTS));
            products[place / PRODUCTS][place % PRODUCTS] += partial.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
        }
        return Optional.of(run.phase(step.then().apply(products), lane));
    }
}

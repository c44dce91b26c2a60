// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.kernel.BitCopy;
import dev.ingot.kernel.Formula;
import dev.ingot.kernel.FormulaResults;
import dev.ingot.kernel.Table;
import dev.ingot.kernel.Tile;
import dev.ingot.method.Evaluation;
import dev.ingot.method.Step;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The pass that runs a formula for its results and masks. Every segment's results have their own place and are put together
 * in the order of segments, so they do not depend on tiles and threads.
 */
final class EvaluatePhase implements Phase {
    private final ProgramRun run;
    private final Step.Evaluate step;
    private final Formula formula;
    private final RowTiles tiles;
    private final FurtherTiles inputs;
    private final MemorySegment values;
    private final List<MemorySegment> masks;

    EvaluatePhase(ProgramRun run, Step.Evaluate step) {
        this.run = run;
        this.step = step;
        this.formula = step.formula();
        long elements = run.tensor().elements();
        this.tiles = new RowTiles(elements, formula.rowLength(), run.tileElements(), false);
        long segments = Formula.segments(0, elements, formula.rowLength());
        this.inputs = new FurtherTiles(run, step.further());
        this.values = run.allocate(segments * formula.results().size() * Double.BYTES, Double.BYTES);
        this.masks = IntStream.range(0, formula.bits())
                .mapToObj(mask -> run.allocate(Table.bitBytes(elements), Long.BYTES))
                .toList();
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
        Tile operands = inputs.tile(lane, start, count);
        long perSegment = (long) formula.results().size() * Double.BYTES;
        long first = Formula.segments(0, start, formula.rowLength()) * perSegment;
        long bytes = Formula.segments(start, count, formula.rowLength()) * perSegment;
        List<MemorySegment> bits = new ArrayList<>();
        for (int mask = 0; mask < masks.size(); mask++) {
            bits.add(lane.buffer(Lane.BITS + mask, Table.bitBytes(count)));
        }
        lane.kernels()
                .formula(formula, operands, new FormulaResults(List.of(), bits, values.asSlice(first, bytes)));
        for (int mask = 0; mask < masks.size(); mask++) {
            BitCopy.copy(bits.get(mask), masks.get(mask), start, count, this);
        }
        run.countRead(count);
    }

    @Override
    public Optional<Phase> finish(Lane lane) {
        List<Table> tables = masks.stream().map(Table::new).toList();
        long length = formula.rowLength();
        long elements = run.tensor().elements();
        int rows = length == 0 ? 1 : Math.toIntExact(Math.ceilDiv(elements, length));
        return Optional.of(run.phase(step.then().apply(new Evaluation(elements, rows, this::result, tables)), lane));
    }

    /** A result of a row: sums are added up in the order of segments. */
    private double result(int row, int result) {
        long length = formula.rowLength();
        int results = formula.results().size();
        long segments = Formula.segments(0, run.tensor().elements(), length);
        long perRow = length == 0 ? segments : Formula.segments(0, length, length);
        boolean max = formula.results().get(result) == Formula.Reduction.SUP;
        double value = max ? Double.NEGATIVE_INFINITY : 0;
        for (long segment = row * perRow; segment < Math.min(segments, (row + 1) * perRow); segment++) {
            double part = values.getAtIndex(ValueLayout.JAVA_DOUBLE, segment * results + result);
            value = max ? Math.max(value, part) : value + part;
        }
        return value;
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.kernel.Formula;
import dev.ingot.kernel.FormulaResults;
import dev.ingot.kernel.Operand;
import dev.ingot.kernel.Tile;
import dev.ingot.method.Further;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Tiles of a tensor with the inputs that are made during the pass behind its models. Ranks need whole rows: a tile that does not
 * start or end with a row is cut out of the rows around it, which are read in full. Thread-safe.
 */
final class FurtherTiles {
    private final ProgramRun run;
    private final List<Further> further;

    FurtherTiles(ProgramRun run, List<Further> further) {
        this.run = run;
        this.further = further;
    }

    /** A run of elements; what it consists of is valid until the lane's buffers are used again. */
    Tile tile(Lane lane, long start, long count) {
        if (further.isEmpty()) {
            return run.inputs().tile(lane, start, count);
        }
        long first = start;
        long end = start + count;
        for (Further input : further) {
            if (input instanceof Further.Ranks(Formula value)) {
                long row = Math.max(1, value.rowLength());
                first = Math.min(first, start / row * row);
                end = Math.max(end, Math.min(run.tensor().elements(), Math.ceilDiv(start + count, row) * row));
            }
        }
        Tile around = run.inputs().tile(lane, first, end - first);
        List<Operand> models = new ArrayList<>();
        around.models().forEach(model -> models.add(part(model, start - around.start(), count)));
        for (int i = 0; i < further.size(); i++) {
            models.add(made(further.get(i), Lane.FURTHER + i, around, start, count, lane));
        }
        Optional<Operand> base = around.base().map(operand -> part(operand, start - around.start(), count));
        return new Tile(start, count, base, models);
    }

    private Operand made(Further input, int buffer, Tile around, long start, long count, Lane lane) {
        return switch (input) {
            case Further.Ranks(Formula value) -> {
                Operand ranks = new Operand(lane.buffer(buffer, around.count() * Float.BYTES), Dtype.F32);
                rank(value, around, lane, ranks);
                yield part(ranks, start - around.start(), count);
            }
            case Further.Draws(long first) -> {
                MemorySegment draws = lane.buffer(buffer, count * Float.BYTES);
                run.draws(first + start, count, draws);
                yield new Operand(draws, Dtype.F32);
            }
            case Further.Product(int number) -> MatrixTask.part(run.product(number), start, count);
        };
    }

    private static void rank(Formula value, Tile rows, Lane lane, Operand ranks) {
        Operand values = new Operand(lane.buffer(Lane.COMPUTED, rows.count() * Float.BYTES), Dtype.F32);
        lane.kernels().formula(value, rows, FormulaResults.of(values));
        lane.kernels().rowRanks(values, Math.max(1, value.rowLength()), rows.count(), ranks);
    }

    private static Operand part(Operand whole, long first, long count) {
        long bytes = whole.dtype().bytes();
        return new Operand(whole.data().asSlice(first * bytes, count * bytes), whole.dtype());
    }
}

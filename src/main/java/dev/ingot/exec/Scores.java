// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.kernel.Formula;
import dev.ingot.kernel.FormulaResults;
import dev.ingot.kernel.Operand;
import dev.ingot.kernel.Tile;
import dev.ingot.linalg.Matrix;
import dev.ingot.matrix.MatrixProgram;
import dev.ingot.method.Score;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What selections go by, as operands whose difference is the score: base and model of a delta, or zeros and the values of a
 * formula, or a matrix that the run has made.
 */
final class Scores {
    private Scores() {}

    /** Origin and values of a score on a run of elements, in the lane's buffers. */
    static List<Operand> operands(ProgramRun run, Score score, Lane lane, long start, long count) {
        TensorInputs inputs = run.inputs();
        return switch (score) {
            case Score.Delta(int model) ->
                inputs.pair(lane, inputs.base(), inputs.model(model), start, count);
            case Score.Computed(Formula formula) ->
                List.of(lane.zeros(count), computed(formula, inputs.tile(lane, start, count), lane));
            case Score.Product(MatrixProgram program, int number) ->
                List.of(lane.zeros(count), MatrixTask.part(run.product(number), start, count));
        };
    }

    /** The same on the elements of several runs of equal length, read where the files are mapped. */
    static List<Operand> sampled(TensorInputs inputs, Formula formula, Lane lane, long[] starts, int length) {
        long all = (long) starts.length * length;
        MemorySegment values = lane.buffer(Lane.COMPUTED, all * Float.BYTES);
        for (int run = 0; run < starts.length; run++) {
            MemorySegment part = values.asSlice((long) run * length * Float.BYTES, (long) length * Float.BYTES);
            lane.kernels().formula(formula, wholeTile(inputs, lane, starts[run], length), into(part));
        }
        return List.of(lane.zeros(all), new Operand(values, Dtype.F32));
    }

    /** The same on single elements of a matrix that the run has made. */
    static List<Operand> sampled(Matrix product, Lane lane, MemorySegment positions) {
        long all = positions.byteSize() / Long.BYTES;
        MemorySegment values = lane.buffer(Lane.COMPUTED, all * Float.BYTES);
        for (long i = 0; i < all; i++) {
            long element = positions.getAtIndex(ValueLayout.JAVA_LONG, i);
            values.setAtIndex(ValueLayout.JAVA_FLOAT, i, product.data().getAtIndex(ValueLayout.JAVA_FLOAT, element));
        }
        return List.of(lane.zeros(all), new Operand(values, Dtype.F32));
    }

    private static Operand computed(Formula formula, Tile tile, Lane lane) {
        MemorySegment values = lane.buffer(Lane.COMPUTED, tile.count() * Float.BYTES);
        lane.kernels().formula(formula, tile, into(values));
        return new Operand(values, Dtype.F32);
    }

    private static FormulaResults into(MemorySegment values) {
        return FormulaResults.of(new Operand(values, Dtype.F32));
    }

    private static Tile wholeTile(TensorInputs inputs, Lane lane, long start, long count) {
        if (!inputs.isStored()) {
            return inputs.tile(lane, start, count);
        }
        List<Operand> models = new ArrayList<>();
        for (int model = 0; model < inputs.models(); model++) {
            models.add(part(inputs.whole(inputs.model(model)), start, count));
        }
        Optional<Operand> base =
                inputs.hasBase() ? Optional.of(part(inputs.whole(inputs.base()), start, count)) : Optional.empty();
        return new Tile(start, count, base, models);
    }

    private static Operand part(Operand whole, long start, long count) {
        long bytes = whole.dtype().bytes();
        return new Operand(whole.data().asSlice(start * bytes, count * bytes), whole.dtype());
    }
}

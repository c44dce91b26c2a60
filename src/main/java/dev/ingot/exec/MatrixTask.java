// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.checkpoint.Printable;
import dev.ingot.checkpoint.TensorRef;
import dev.ingot.error.CheckpointException;
import dev.ingot.kernel.Formula;
import dev.ingot.kernel.FormulaResults;
import dev.ingot.kernel.Kernels;
import dev.ingot.kernel.Operand;
import dev.ingot.kernel.Tile;
import dev.ingot.kernel.WeightedSum;
import dev.ingot.linalg.LinearAlgebra;
import dev.ingot.linalg.Matrix;
import dev.ingot.linalg.Precision;
import dev.ingot.matrix.MatrixLane;
import dev.ingot.matrix.MatrixNeeds;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/** One task of a program on whole matrices, on a worker's lane. */
final class MatrixTask implements MatrixLane {
    private static final WeightedSum DIFFERENCE = new WeightedSum(List.of(1f, -1f));

    /** Elements per call of a formula: what its inputs and outputs take together stays in the second-level cache. */
    private static final long PIECE = Kernels.CHUNK;

    private final ProgramRun run;
    private final Lane lane;
    private final MemorySegment memory;
    private final MatrixShare share;
    private double done;
    private long used;

    /**
     * Begins a task.
     *
     * @param temporary bytes of temporary matrices that it may have
     * @param share     adds up what is done of the program
     */
    MatrixTask(ProgramRun run, Lane lane, long temporary, MatrixShare share) {
        this.run = run;
        this.lane = lane;
        this.share = share;
        this.memory = lane.buffer(Lane.MATRICES, temporary);
    }

    @Override
    public LinearAlgebra algebra() {
        return lane.algebra();
    }

    @Override
    public Matrix temporary(int rows, int cols, Precision precision) {
        long bytes = MatrixNeeds.of(rows, cols, precision);
        if (used + bytes > memory.byteSize()) {
            throw new IllegalStateException(
                    used + bytes + " bytes of temporary matrices are needed, " + memory.byteSize() + " were planned");
        }
        Matrix matrix = Matrix.of(memory.asSlice(used, bytes), rows, cols, precision);
        used += bytes;
        return matrix;
    }

    @Override
    public void delta(int model, int first, Matrix into) {
        TensorInputs inputs = run.inputs();
        read(first, into, (at, count, target) -> {
            if (inputs.hasBase()) {
                Tile tile = inputs.deltas(lane, at, count, List.of(model));
                List<Operand> pair = List.of(tile.models().getFirst(), tile.base().orElseThrow());
                lane.kernels().host().weightedSum(DIFFERENCE, new Tile(at, count, Optional.empty(), pair), target);
            } else {
                lane.kernels().host().convert(inputs.operand(lane, inputs.model(model), at, count), target, count);
            }
            run.countRead(model, count);
        });
        if (!isFinite(into)) {
            throw damaged(model, first, into);
        }
    }

    private boolean isFinite(Matrix matrix) {
        return algebra().isFinite(matrix);
    }

    /** Says in whose file the values are that are no numbers. */
    private CheckpointException damaged(int model, int first, Matrix again) {
        TensorInputs inputs = run.inputs();
        if (inputs.hasBase()) {
            readBase(first, again);
            if (!isFinite(again)) {
                return damaged(inputs.base(), "");
            }
        }
        return damaged(inputs.model(model), inputs.hasBase() ? ", or differences from the base that are" : "");
    }

    private static CheckpointException damaged(TensorRef tensor, String besides) {
        return new CheckpointException(
                tensor.file() + ": tensor " + Printable.quote(tensor.name()) + " has NaN or infinite values" + besides,
                "the model is damaged, or its training diverged; replace it, or leave the tensor out by a filter of"
                        + " 'matrices'");
    }

    @Override
    public void base(int first, Matrix into) {
        TensorRef base = run.inputs().base();
        readBase(first, into);
        run.countCopied((long) into.rows() * into.cols() * base.dtype().bytes());
    }

    private void readBase(int first, Matrix into) {
        TensorInputs inputs = run.inputs();
        read(first, into, (at, count, target) ->
                lane.kernels().host().convert(inputs.operand(lane, inputs.base(), at, count), target, count));
    }

    /** Reads a run of elements. */
    private interface Reader {
        void read(long at, long count, Operand target);
    }

    private void read(int first, Matrix into, Reader reader) {
        requirePacked(into);
        long start = (long) first * into.rows();
        long end = start + (long) into.cols() * into.rows();
        for (long at = start; at < end; at += run.tileElements()) {
            requireGoing();
            long count = Math.min(run.tileElements(), end - at);
            reader.read(at, count, part(into, at - start, count));
        }
    }

    @Override
    public void values(int operand, int first, Matrix into) {
        TensorInputs inputs = run.inputs();
        read(first, into, (at, count, target) -> {
            Operand values = inputs.operand(lane, inputs.model(operand), at, count);
            lane.kernels().host().convert(values, target, count);
            run.countCopied(values.dtype().bytes() * count);
        });
        if (!isFinite(into)) {
            throw damaged(inputs.model(operand), "");
        }
    }

    @Override
    public void compute(Formula formula, long first, List<Matrix> inputs, List<Matrix> outputs) {
        inputs.forEach(MatrixTask::requirePacked);
        outputs.forEach(MatrixTask::requirePacked);
        long elements = (long) inputs.getFirst().rows() * inputs.getFirst().cols();
        for (long at = 0; at < elements; at += PIECE) {
            long start = at;
            long count = Math.min(PIECE, elements - at);
            List<Operand> models =
                    inputs.stream().map(input -> part(input, start, count)).toList();
            List<Operand> results =
                    outputs.stream().map(output -> part(output, start, count)).toList();
            lane.kernels()
                    .host()
                    .formula(
                            formula,
                            new Tile(first + start, count, Optional.empty(), models),
                            new FormulaResults(results, List.of(), MemorySegment.NULL));
        }
    }

    @Override
    public void requireGoing() {
        run.requireGoing();
    }

    @Override
    public void requireGoing(int steps, int all) {
        requireGoing();
        done((double) steps / all);
    }

    /** Says how much of the task is done, from 0 to 1. */
    void done(double now) {
        share.add(now - done);
        done = now;
    }

    private static void requirePacked(Matrix matrix) {
        if (matrix.precision() != Precision.F32 || matrix.stride() != Math.max(1, matrix.rows())) {
            throw new IllegalArgumentException("not a packed float32 matrix: " + matrix);
        }
    }

    /** A run of elements of a packed matrix. */
    static Operand part(Matrix matrix, long first, long count) {
        return new Operand(matrix.data().asSlice(first * Float.BYTES, count * Float.BYTES), Dtype.F32);
    }
}

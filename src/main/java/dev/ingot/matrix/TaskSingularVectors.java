// SPDX-License-Identifier: Apache-2.0
package dev.ingot.matrix;

import dev.ingot.linalg.Matrix;
import dev.ingot.linalg.Precision;
import dev.ingot.linalg.Sketch;
import dev.ingot.linalg.Svd;
import dev.ingot.linalg.WorkSpace;
import java.util.List;

/**
 * TSV-Merge (Task Singular Vectors, arXiv 2412.00081, algorithm 1): leading singular vectors of each task side by side, made
 * orthogonal by the polar factor, and put together with the tasks' singular values.
 *
 * <p>Directions whose value is below the tolerance have no vectors: in the reference, which ones the decomposition
 * happens to give for them would decide how the others are turned.
 *
 * @param shape     of the tensor
 * @param rank      vectors of each task
 * @param weights   factors of the tasks' singular values
 * @param tolerance largest singular value, relative to the task's largest, that counts as none
 */
public record TaskSingularVectors(MatrixShape shape, int rank, List<Double> weights, double tolerance)
        implements MatrixProgram {
    private static final long SEED = 0x7453_5620_6d65_7267L;

    public TaskSingularVectors {
        weights = List.copyOf(weights);
    }

    private int width() {
        return rank * shape.models();
    }

    @Override
    public MatrixNeeds needs() {
        int n = shape.n();
        int m = shape.m();
        int k = width();
        long vectors = MatrixNeeds.of(n, k, Precision.F32) + MatrixNeeds.of(m, k, Precision.F32);
        long work = Math.max(
                WorkSpace.truncatedSvd(n, m, rank, Precision.F32),
                Math.max(WorkSpace.polar(n, k, Precision.F32), WorkSpace.polar(m, k, Precision.F32)));
        return new MatrixNeeds(
                vectors + MatrixNeeds.of(k, 1, Precision.F32)
                        + Math.max(vectors, MatrixNeeds.of(n, m, Precision.F32)),
                MatrixNeeds.of(n, m, Precision.F32),
                work);
    }

    @Override
    public MatrixStep begin(MatrixSpace space) {
        int k = width();
        Svd all = new Svd(
                space.keep(shape.n(), k, Precision.F32),
                space.keep(k, 1, Precision.F32),
                space.keep(shape.m(), k, Precision.F32));
        return new MatrixStep.Stage(shape.models(), (model, lane) -> decompose(model, all, lane), () -> turn(all, space));
    }

    /** Leading singular vectors of a task's delta. */
    private void decompose(int model, Svd all, MatrixLane lane) {
        Matrix delta = lane.temporary(shape.n(), shape.m(), Precision.F32);
        lane.delta(model, 0, delta);
        int first = model * rank;
        Svd own = new Svd(
                all.u().block(0, first, shape.n(), rank),
                all.s().block(first, 0, rank, 1),
                all.v().block(0, first, shape.m(), rank));
        lane.algebra().truncatedSvd(delta, own, Sketch.of(SEED, Precision.F32));
        double least = tolerance * own.s().get(0, 0);
        for (int j = 0; j < rank; j++) {
            double value = own.s().get(j, 0);
            if (value <= least) {
                clear(own.u(), j);
                clear(own.v(), j);
            }
            own.s().set(j, 0, value <= least ? 0 : weights.get(model) * value);
        }
    }

    private static void clear(Matrix a, int col) {
        for (int row = 0; row < a.rows(); row++) {
            a.set(row, col, 0);
        }
    }

    /** Orthogonal vectors on both sides, the left ones times the values. */
    private MatrixStep turn(Svd all, MatrixSpace space) {
        Matrix left = space.keep(shape.n(), width(), Precision.F32);
        Matrix right = space.keep(shape.m(), width(), Precision.F32);
        return new MatrixStep.Stage(
                2,
                (side, lane) -> {
                    if (side == 0) {
                        lane.algebra().polar(all.u(), tolerance, left);
                        lane.algebra().scaleColumns(left, all.s());
                    } else {
                        lane.algebra().polar(all.v(), tolerance, right);
                    }
                },
                () -> {
                    space.drop(all.u());
                    space.drop(all.v());
                    return put(left, right, space);
                });
    }

    private MatrixStep put(Matrix left, Matrix right, MatrixSpace space) {
        Matrix merged = space.keep(shape.n(), shape.m(), Precision.F32);
        Panels panels = Panels.of(shape.m());
        return new MatrixStep.Stage(
                panels.count(),
                (panel, lane) -> {
                    Matrix rows = right.block(panels.first(panel), 0, panels.width(panel), width());
                    lane.algebra().gemm(1, left, false, rows, true, 0, panels.of(merged, panel));
                },
                () -> new MatrixStep.Done(List.of(merged)));
    }
}

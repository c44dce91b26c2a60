// SPDX-License-Identifier: Apache-2.0
package dev.ingot.matrix;

import dev.ingot.linalg.Matrix;
import dev.ingot.linalg.Precision;
import dev.ingot.linalg.Sketch;
import dev.ingot.linalg.Svd;
import dev.ingot.linalg.WorkSpace;
import java.util.Arrays;
import java.util.List;

/**
 * OptMerge (arXiv 2505.19892): steps of an optimiser on the sum of |L_i^T (X - T_i)|^2 / |t_i|^2, where L_i are the leading left
 * singular vectors of the view t_i times their values, and T_i is what the decomposition of t_i, or of its difference from
 * the mean of all tasks, keeps.
 *
 * @param shape     of the tensor
 * @param rank      triplets that are kept
 * @param centred   whether T_i is the mean and the leading part of the difference from it, or the leading part of t_i
 * @param optimiser what the steps go by
 * @param steps     how many
 * @param start     what the sum of the task vectors is multiplied by at the start
 */
public record OptMergeDescent(
        MatrixShape shape, int rank, boolean centred, Optimiser optimiser, int steps, double start)
        implements MatrixProgram {
    private static final long SEED = 0x4f70_744d_6572_6765L;

    /**
     * What is known of the tasks, those of all tasks side by side.
     *
     * @param sum    of the task vectors
     * @param bounds L_i over the norm of t_i
     * @param left   left singular vectors of the targets times their values
     * @param right  right singular vectors of the targets
     */
    private record Tasks(Matrix sum, Matrix bounds, Matrix left, Matrix right) {}

    private int columns() {
        return rank * shape.models();
    }

    private boolean factored() {
        return Curvature.isCheaperFactored(shape.n(), columns());
    }

    private Panels panels() {
        return Panels.of(shape.m());
    }

    private Descent descent() {
        return new Descent(shape, optimiser, steps, start);
    }

    @Override
    public int reads() {
        return centred ? 3 : 2;
    }

    @Override
    public MatrixNeeds needs() {
        int n = shape.n();
        int m = shape.m();
        long width = panels().width(0);
        long whole = MatrixNeeds.of(n, m, Precision.F32);
        long side = MatrixNeeds.of(n, columns(), Precision.F32);
        long decompose = whole + MatrixNeeds.of(m, rank, Precision.F32) + MatrixNeeds.of(rank, 1, Precision.F32);
        long target = MatrixNeeds.of(n, width, Precision.F32) + MatrixNeeds.of(rank, width, Precision.F32);
        long descend = descent().temporary(factored(), columns());
        return new MatrixNeeds(
                2 * whole + 2 * side + MatrixNeeds.of(m, columns(), Precision.F32)
                        + (factored() ? 0 : MatrixNeeds.of(n, n, Precision.F32)),
                Math.max(Math.max(decompose, target), descend),
                WorkSpace.truncatedSvd(n, m, rank, Precision.F32));
    }

    @Override
    public int parts() {
        return (factored() ? 3 : 4) + descent().parts();
    }

    @Override
    public MatrixStep begin(MatrixSpace space) {
        Tasks tasks = new Tasks(
                space.keep(shape.n(), shape.m(), Precision.F32),
                space.keep(shape.n(), columns(), Precision.F32),
                space.keep(shape.n(), columns(), Precision.F32),
                space.keep(shape.m(), columns(), Precision.F32));
        double[][] norms = new double[shape.models()][panels().count()];
        return new MatrixStep.Stage(
                panels().count(),
                (panel, lane) -> {
                    Matrix sum = panels().of(tasks.sum(), panel);
                    Matrix part = lane.temporary(sum.rows(), sum.cols(), Precision.F32);
                    for (int model = 0; model < shape.models(); model++) {
                        lane.delta(model, panels().first(panel), part);
                        norms[model][panel] = lane.algebra().dot(part, part);
                        lane.compute(Elementwise.SUM, List.of(sum, part), List.of(sum));
                    }
                },
                () -> decompose(tasks, norms, space));
    }

    private MatrixStep decompose(Tasks tasks, double[][] norms, MatrixSpace space) {
        double[] norm = Arrays.stream(norms).mapToDouble(panels -> Math.sqrt(Arrays.stream(panels).sum())).toArray();
        int kinds = centred ? 2 : 1;
        return new MatrixStep.Stage(
                kinds * shape.models(),
                (task, lane) -> {
                    int model = task / kinds;
                    if (norm[model] == 0) {
                        return;
                    }
                    Matrix delta = lane.temporary(shape.n(), shape.m(), Precision.F32);
                    lane.delta(model, 0, delta);
                    if (!centred) {
                        leading(delta, part(tasks.left(), model), part(tasks.right(), model), lane);
                        scale(1 / norm[model], part(tasks.left(), model), part(tasks.bounds(), model), lane);
                    } else if (task % kinds == 0) {
                        Matrix bound = part(tasks.bounds(), model);
                        leading(delta, bound, lane.temporary(shape.m(), rank, Precision.F32), lane);
                        scale(1 / norm[model], bound, bound, lane);
                    } else {
                        lane.compute(Elementwise.sum(-1.0 / shape.models()), List.of(delta, tasks.sum()), List.of(delta));
                        leading(delta, part(tasks.left(), model), part(tasks.right(), model), lane);
                    }
                },
                () -> square(tasks, norm, space));
    }

    private Matrix part(Matrix all, int model) {
        return all.block(0, model * rank, all.rows(), rank);
    }

    /** Leading singular vectors, the left ones times their values. */
    private static void leading(Matrix a, Matrix left, Matrix right, MatrixLane lane) {
        Svd svd = new Svd(left, lane.temporary(left.cols(), 1, Precision.F32), right);
        lane.algebra().truncatedSvd(a, svd, Sketch.of(SEED, Precision.F32));
        lane.algebra().scaleColumns(left, svd.s());
    }

    private static void scale(double factor, Matrix from, Matrix to, MatrixLane lane) {
        lane.compute(Elementwise.times(factor), List.of(from), List.of(to));
    }

    private MatrixStep square(Tasks tasks, double[] norm, MatrixSpace space) {
        if (factored()) {
            return cubes(new Curvature(tasks.bounds(), true), tasks, norm, space);
        }
        Curvature c = new Curvature(space.keep(shape.n(), shape.n(), Precision.F32), false);
        Panels rows = Panels.of(shape.n());
        return new MatrixStep.Stage(
                rows.count(),
                (panel, lane) -> {
                    Matrix some = tasks.bounds().block(rows.first(panel), 0, rows.width(panel), columns());
                    lane.algebra().gemm(1, tasks.bounds(), false, some, true, 0, rows.of(c.matrix(), panel));
                },
                () -> cubes(c, tasks, norm, space));
    }

    /** The linear part, the sum of L_i L_i^T T_i / |t_i|^2. */
    private MatrixStep cubes(Curvature c, Tasks tasks, double[] norm, MatrixSpace space) {
        Matrix d = space.keep(shape.n(), shape.m(), Precision.F32);
        return new MatrixStep.Stage(
                panels().count(),
                (panel, lane) -> {
                    Matrix total = panels().of(d, panel);
                    Matrix target = lane.temporary(total.rows(), total.cols(), Precision.F32);
                    Matrix inner = lane.temporary(rank, total.cols(), Precision.F32);
                    for (int model = 0; model < shape.models(); model++) {
                        if (norm[model] > 0) {
                            lane.requireGoing();
                            target(tasks, model, panel, target, lane);
                            Matrix bound = part(tasks.bounds(), model);
                            lane.algebra().gemm(1, bound, true, target, false, 0, inner);
                            lane.algebra().gemm(1, bound, false, inner, false, 1, total);
                        }
                    }
                },
                () -> descent().stage(c, d, tasks.sum(), () -> new MatrixStep.Done(List.of(tasks.sum()))));
    }

    /** Columns of T_i. */
    private void target(Tasks tasks, int model, int panel, Matrix to, MatrixLane lane) {
        if (centred) {
            lane.algebra().copy(panels().of(tasks.sum(), panel), to);
        }
        Matrix right = part(tasks.right(), model).block(panels().first(panel), 0, panels().width(panel), rank);
        lane.algebra().gemm(
                1, part(tasks.left(), model), false, right, true, centred ? 1.0 / shape.models() : 0, to);
    }
}

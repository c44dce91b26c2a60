// SPDX-License-Identifier: Apache-2.0
package dev.ingot.matrix;

import dev.ingot.linalg.Matrix;
import dev.ingot.linalg.Precision;
import java.util.Arrays;
import java.util.List;

/**
 * WUDI-Merging (arXiv 2503.08099): steps of an optimiser on the {@linkplain Interference interference} of the merged task vector
 * with the tasks. Where all columns of all task vectors together are few, C is not made: its factor, the task vectors
 * themselves, is cheaper to multiply with.
 *
 * @param shape     of the tensor
 * @param optimiser what the steps go by
 * @param steps     how many
 * @param start     what the sum of the task vectors is multiplied by at the start
 * @param squared   whether a task's part is divided by the squared norm of its vector, or by the norm
 */
public record WudiDescent(MatrixShape shape, Optimiser optimiser, int steps, double start, boolean squared)
        implements MatrixProgram {
    private long columns() {
        return (long) shape.models() * shape.m();
    }

    private boolean factored() {
        return Curvature.isCheaperFactored(shape.n(), columns());
    }

    private Interference interference() {
        return new Interference(shape, squared, Precision.F32);
    }

    private Descent descent() {
        return new Descent(shape, optimiser, steps, start);
    }

    @Override
    public MatrixNeeds needs() {
        long steps = descent().temporary(factored(), columns());
        if (!factored()) {
            return interference().needs().or(new MatrixNeeds(0, steps, 0));
        }
        long width = Panels.of(shape.m()).width(0);
        return new MatrixNeeds(
                MatrixNeeds.of(shape.n(), columns(), Precision.F32) + 2 * MatrixNeeds.of(shape.n(), shape.m(), Precision.F32),
                Math.max(steps, MatrixNeeds.of(shape.m(), width, Precision.F32)),
                0);
    }

    @Override
    public int parts() {
        return (factored() ? 3 : interference().parts()) + descent().parts();
    }

    @Override
    public MatrixStep begin(MatrixSpace space) {
        if (factored()) {
            return read(space);
        }
        return interference().stages(
                space, terms -> descend(new Curvature(terms.c(), false), terms.d(), terms.sum()));
    }

    private MatrixStep descend(Curvature c, Matrix d, Matrix sum) {
        return descent().stage(c, d, sum, () -> new MatrixStep.Done(List.of(sum)));
    }

    /** All task vectors side by side, and their sum. */
    private MatrixStep read(MatrixSpace space) {
        Matrix all = space.keep(shape.n(), Math.toIntExact(columns()), Precision.F32);
        Matrix sum = space.keep(shape.n(), shape.m(), Precision.F32);
        Panels panels = Panels.of(shape.m());
        double[][] norms = new double[shape.models()][panels.count()];
        return new MatrixStep.Stage(
                panels.count(),
                (panel, lane) -> {
                    for (int model = 0; model < shape.models(); model++) {
                        Matrix part = panels.of(task(all, model), panel);
                        lane.delta(model, panels.first(panel), part);
                        norms[model][panel] = lane.algebra().dot(part, part);
                        lane.compute(Elementwise.SUM, List.of(panels.of(sum, panel), part), List.of(panels.of(sum, panel)));
                    }
                },
                () -> scale(all, sum, weights(norms), space));
    }

    private Matrix task(Matrix all, int model) {
        return all.block(0, model * shape.m(), shape.n(), shape.m());
    }

    private double[] weights(double[][] norms) {
        return Arrays.stream(norms)
                .mapToDouble(panels -> Arrays.stream(panels).sum())
                .map(norm -> norm == 0 ? 0 : 1 / (squared ? norm : Math.sqrt(norm)))
                .toArray();
    }

    /** Task vectors times the roots of their weights; their squares add up to C. */
    private MatrixStep scale(Matrix all, Matrix sum, double[] weights, MatrixSpace space) {
        Panels panels = Panels.of(shape.m());
        return new MatrixStep.Stage(
                shape.models() * panels.count(),
                (task, lane) -> {
                    int model = task / panels.count();
                    Matrix part = panels.of(task(all, model), task % panels.count());
                    lane.compute(Elementwise.times(Math.sqrt(weights[model])), List.of(part), List.of(part));
                },
                () -> cubes(all, sum, weights, space));
    }

    /** D: a task's part is a a^T a over the root of its weight, where a is the scaled vector. */
    private MatrixStep cubes(Matrix all, Matrix sum, double[] weights, MatrixSpace space) {
        Matrix d = space.keep(shape.n(), shape.m(), Precision.F32);
        Panels panels = Panels.of(shape.m());
        return new MatrixStep.Stage(
                panels.count(),
                (panel, lane) -> {
                    Matrix inner = lane.temporary(shape.m(), panels.width(panel), Precision.F32);
                    for (int model = 0; model < shape.models(); model++) {
                        if (weights[model] > 0) {
                            lane.requireGoing();
                            Matrix a = task(all, model);
                            lane.algebra().gemm(
                                    1 / Math.sqrt(weights[model]), a, true, panels.of(a, panel), false, 0, inner);
                            lane.algebra().gemm(1, a, false, inner, false, 1, panels.of(d, panel));
                        }
                    }
                },
                () -> descend(new Curvature(all, true), d, sum));
    }
}

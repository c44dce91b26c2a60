// SPDX-License-Identifier: Apache-2.0
package dev.ingot.matrix;

import dev.ingot.kernel.Formula;
import dev.ingot.linalg.Matrix;
import dev.ingot.linalg.Precision;
import dev.ingot.linalg.Sketch;
import dev.ingot.linalg.Svd;
import dev.ingot.linalg.WorkSpace;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * DOGE (Modeling Multi-Task Model Merging as Adaptive Projective Gradient Descent, arXiv 2501.01230): a correction D of all tasks
 * that makes the sum over tasks j and rows of {@code <v_j, v_j - sum_i lambda_i v_i - Lambda D>^2} small, where v are the deltas,
 * {@code lambda_i = lambda / ||v_i||} and Lambda is their sum. The gradient loses its part in the tasks' shared subspace of left
 * singular vectors.
 *
 * <p>Deltas lie side by side so that a row of the tensor, a column of the view, has those of all tasks in one block.
 * An untouched tensor's lambda is 0 instead of infinite. Directions without a singular value have no vectors.
 *
 * <p>Product: D. Facts: the lambdas.
 *
 * @param shape     of the tensor
 * @param lambda    factor of a delta of norm 1
 * @param subspace  the smaller dimension divided by this is the rank of the shared subspace, at least 1
 * @param steps     of the optimiser
 * @param optimiser moves D
 * @param tolerance largest singular value, relative to the largest, that counts as none
 */
public record ProjectiveDescent(
        MatrixShape shape, double lambda, int subspace, int steps, Optimiser optimiser, double tolerance)
        implements MatrixProgram {
    private static final long SEED = 0x646f_6765_2d74_615fL;

    /** Leading vectors of each task. */
    private int rank() {
        return shape.smaller() / shape.models();
    }

    /** Directions of the shared subspace, at most. */
    private int shared() {
        return Math.min(shape.smaller() / subspace, rank() * shape.models());
    }

    @Override
    public MatrixNeeds needs() {
        int n = shape.n();
        int m = shape.m();
        int tasks = shape.models();
        int wide = Math.multiplyExact(rank(), tasks);
        long kept = MatrixNeeds.of(n, (long) m * tasks, Precision.F32)
                + (2L + optimiser.states()) * MatrixNeeds.of(n, m, Precision.F32)
                + MatrixNeeds.of(tasks, m, Precision.F32)
                + MatrixNeeds.of(m, wide, Precision.F32)
                + MatrixNeeds.of(wide, 1, Precision.F32)
                + MatrixNeeds.of(m, shared(), Precision.F32)
                + MatrixNeeds.of(n, shared(), Precision.F32);
        long loading = MatrixNeeds.of(n, m, Precision.F32)
                + MatrixNeeds.of(n, rank(), Precision.F32)
                + MatrixNeeds.of(rank(), 1, Precision.F32);
        long products = MatrixNeeds.of(tasks, tasks, Precision.F64);
        long work = WorkSpace.gram(tasks, Precision.F32);
        if (rank() > 0) {
            work = Math.max(work, WorkSpace.truncatedSvd(n, m, rank(), Precision.F32));
            work = Math.max(work, WorkSpace.svd(m, wide, shared(), Precision.F32));
        }
        return new MatrixNeeds(kept, Math.max(loading, products), work);
    }

    @Override
    public int parts() {
        return 3 + 2 * steps;
    }

    @Override
    public MatrixStep begin(MatrixSpace space) {
        return new Run(space).begin();
    }

    /** One run: what is kept between its stages. */
    private final class Run {
        private final int n = shape.n();
        private final int m = shape.m();
        private final int tasks = shape.models();
        private final Panels columns = Panels.of(m);
        private final Panels rows = Panels.of(n);
        private final double[] lambdas = new double[tasks];
        private final Matrix deltas;
        private final Matrix correction;
        private final Matrix gradient;
        private final List<Matrix> states;
        private final Matrix constants;
        private final Matrix leading;
        private final Svd united;
        private final Matrix inside;
        private double total;
        private int directions;

        Run(MatrixSpace space) {
            this.deltas = space.keep(n, m * tasks, Precision.F32);
            this.correction = space.keep(n, m, Precision.F32);
            this.gradient = space.keep(n, m, Precision.F32);
            this.states = IntStream.range(0, optimiser.states())
                    .mapToObj(state -> space.keep(n, m, Precision.F32))
                    .toList();
            this.constants = space.keep(tasks, m, Precision.F32);
            this.leading = space.keep(m, rank() * tasks, Precision.F32);
            this.united = new Svd(
                    space.keep(m, shared(), Precision.F32),
                    space.keep(rank() * tasks, 1, Precision.F32),
                    leading.block(0, 0, rank() * tasks, 0));
            this.inside = space.keep(n, shared(), Precision.F32);
        }

        MatrixStep begin() {
            return new MatrixStep.Stage(tasks, this::load, this::weigh);
        }

        /** A task's delta, its norm and its leading left vectors, which are right ones of the view. */
        private void load(int task, MatrixLane lane) {
            Matrix delta = lane.temporary(n, m, Precision.F32);
            lane.delta(task, 0, delta);
            double norm = lane.algebra().norm(delta);
            lambdas[task] = norm == 0 ? 0 : lambda / norm;
            for (int j = 0; j < m; j++) {
                lane.algebra().copy(delta.block(0, j, n, 1), deltas.block(0, j * tasks + task, n, 1));
            }
            if (shared() > 0) {
                Svd own = new Svd(
                        lane.temporary(n, rank(), Precision.F32),
                        lane.temporary(rank(), 1, Precision.F32),
                        leading.block(0, task * rank(), m, rank()));
                lane.algebra().truncatedSvd(delta, own, Sketch.of(SEED, Precision.F32));
                int known = Spectrum.above(own.s(), tolerance);
                for (int j = 0; j < rank(); j++) {
                    own.s().set(j, 0, j < known ? 1 : 0);
                }
                lane.algebra().scaleColumns(own.v(), own.s());
            }
        }

        private MatrixStep weigh() {
            for (double factor : lambdas) {
                total += factor;
            }
            if (total == 0) {
                return done();
            }
            return new MatrixStep.Stage(
                    1 + columns.count(),
                    (task, lane) -> {
                        if (task == 0) {
                            unite(lane);
                        } else {
                            relate(task - 1, lane);
                        }
                    },
                    () -> descend(1));
        }

        /** The shared subspace. */
        private void unite(MatrixLane lane) {
            if (shared() > 0) {
                lane.algebra().svd(leading, united);
                directions = Math.min(shared(), Spectrum.above(united.s(), tolerance));
            }
        }

        /** What the residual's products with the tasks' rows are while there is no correction. */
        private void relate(int panel, MatrixLane lane) {
            Matrix products = lane.temporary(tasks, tasks, Precision.F64);
            for (int j = columns.first(panel); j < columns.first(panel) + columns.width(panel); j++) {
                lane.algebra().gram(row(j), false, products);
                for (int task = 0; task < tasks; task++) {
                    double product = products.get(task, task);
                    for (int i = 0; i < tasks; i++) {
                        product -= lambdas[i] * products.get(task, i);
                    }
                    constants.set(task, j, product);
                }
            }
        }

        /** Row j of the tensor, in the deltas of all tasks. */
        private Matrix row(int j) {
            return deltas.block(0, j * tasks, n, tasks);
        }

        /** The gradient, after the correction has been moved along the one before. */
        private MatrixStep descend(int step) {
            Optional<Formula> move = step == 1
                    ? Optional.empty()
                    : Optional.of(optimiser.formula(step - 1, (formula, first) -> formula.model(first)));
            return new MatrixStep.Stage(
                    columns.count(),
                    (panel, lane) -> {
                        move.ifPresent(formula -> move(panel, formula, lane));
                        if (step <= steps) {
                            slope(panel, lane);
                        }
                    },
                    () -> step > steps ? done() : project(step));
        }

        private void slope(int panel, MatrixLane lane) {
            Matrix products = lane.temporary(tasks, 1, Precision.F32);
            for (int j = columns.first(panel); j < columns.first(panel) + columns.width(panel); j++) {
                lane.algebra().copy(constants.block(0, j, tasks, 1), products);
                lane.algebra().gemm(-total, row(j), true, correction.block(0, j, n, 1), false, 1, products);
                lane.algebra().gemm(-2 * total, row(j), false, products, false, 0, gradient.block(0, j, n, 1));
            }
        }

        /** The gradient's coordinates in the shared subspace. */
        private MatrixStep project(int step) {
            Matrix basis = united.u().columns(directions);
            return new MatrixStep.Stage(
                    directions == 0 ? 0 : rows.count(),
                    (panel, lane) -> {
                        int first = rows.first(panel);
                        int height = rows.width(panel);
                        Matrix target = inside.block(first, 0, height, directions);
                        lane.algebra().gemm(1, gradient.block(first, 0, height, m), false, basis, false, 0, target);
                    },
                    () -> descend(step + 1));
        }

        private void move(int panel, Formula formula, MatrixLane lane) {
            Matrix slope = columns.of(gradient, panel);
            if (directions > 0) {
                Matrix basis = united.u().block(columns.first(panel), 0, columns.width(panel), directions);
                lane.algebra().gemm(-1, inside.columns(directions), false, basis, true, 1, slope);
            }
            List<Matrix> moved = new ArrayList<>(List.of(columns.of(correction, panel)));
            states.forEach(state -> moved.add(columns.of(state, panel)));
            List<Matrix> inputs = new ArrayList<>(moved);
            inputs.add(slope);
            lane.compute(formula, inputs, moved);
        }

        private MatrixStep done() {
            return new MatrixStep.Done(List.of(correction), lambdas);
        }
    }
}

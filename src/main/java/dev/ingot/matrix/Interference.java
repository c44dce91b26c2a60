// SPDX-License-Identifier: Apache-2.0
package dev.ingot.matrix;

import dev.ingot.linalg.Matrix;
import dev.ingot.linalg.Precision;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * WUDI's measure of how much a merged task vector X disturbs the tasks (arXiv 2503.08099), the sum of w_i |t_i^T (X - t_i)|^2,
 * as a quadratic function: half its gradient is C X - D with C the sum of w_i t_i t_i^T, n x n, and D that of
 * w_i t_i t_i^T t_i, n x m. A task whose vector is zero counts for nothing.
 *
 * @param shape     of the tensor
 * @param squared   whether w is one over the squared norm of the task vector, or over the norm
 * @param precision of C and D
 */
record Interference(MatrixShape shape, boolean squared, Precision precision) {
    /**
     * What the task vectors come to.
     *
     * @param c   C
     * @param d   D
     * @param sum of the task vectors, n x m, float32
     */
    record Terms(Matrix c, Matrix d, Matrix sum) {}

    /** Whether t t^T, which is made anyway, is smaller than t^T t. */
    private boolean outer() {
        return shape.n() <= shape.m();
    }

    private int order() {
        return outer() ? shape.n() : 0;
    }

    private Panels columns() {
        return Panels.of(shape.m());
    }

    /** What the terms take. */
    long left() {
        return MatrixNeeds.of(shape.n(), shape.n(), precision)
                + MatrixNeeds.of(shape.n(), shape.m(), precision)
                + MatrixNeeds.of(shape.n(), shape.m(), Precision.F32);
    }

    MatrixNeeds needs() {
        int width = columns().width(0);
        long read = precision == Precision.F64 ? MatrixNeeds.of(shape.n(), width, Precision.F32) : 0;
        long inner = outer() ? 0 : MatrixNeeds.of(shape.m(), width, precision);
        return new MatrixNeeds(
                left() + MatrixNeeds.of(shape.n(), shape.m(), precision) + MatrixNeeds.of(order(), order(), precision),
                Math.max(read, inner),
                0);
    }

    /** Stages that compute the terms, at most. */
    int parts() {
        return 3 * shape.models();
    }

    /** Computes the terms; nothing else stays in memory. */
    MatrixStep stages(MatrixSpace space, Function<Terms, MatrixStep> then) {
        Terms terms = new Terms(
                space.keep(shape.n(), shape.n(), precision),
                space.keep(shape.n(), shape.m(), precision),
                space.keep(shape.n(), shape.m(), Precision.F32));
        return new Run(
                        terms,
                        space.keep(shape.n(), shape.m(), precision),
                        space.keep(order(), order(), precision),
                        space,
                        then)
                .task(0);
    }

    /** One computation; the terms grow task by task. */
    private final class Run {
        private final Terms terms;
        private final Matrix vector;
        private final Matrix square;
        private final MatrixSpace space;
        private final Function<Terms, MatrixStep> then;

        /**
         * @param vector for t_i
         * @param square for w_i t_i t_i^T, if that is made before it is multiplied with t_i
         */
        Run(Terms terms, Matrix vector, Matrix square, MatrixSpace space, Function<Terms, MatrixStep> then) {
            this.terms = terms;
            this.vector = vector;
            this.square = square;
            this.space = space;
            this.then = then;
        }

        MatrixStep task(int model) {
            if (model == shape.models()) {
                space.drop(vector);
                space.drop(square);
                return then.apply(terms);
            }
            double[] norms = new double[columns().count()];
            return new MatrixStep.Stage(
                    norms.length, (panel, lane) -> norms[panel] = read(model, panel, lane), () -> {
                        double norm = Arrays.stream(norms).sum();
                        return norm == 0 ? task(model + 1) : add(1 / (squared ? norm : Math.sqrt(norm)), model);
                    });
        }

        /** Reads columns of a task vector and adds them to the sum. */
        private double read(int model, int panel, MatrixLane lane) {
            Matrix part = columns().of(vector, panel);
            Matrix values = precision == Precision.F32 ? part : lane.temporary(part.rows(), part.cols(), Precision.F32);
            lane.delta(model, columns().first(panel), values);
            Matrix sum = columns().of(terms.sum(), panel);
            lane.compute(Elementwise.SUM, List.of(sum, values), List.of(sum));
            if (precision != Precision.F32) {
                lane.algebra().copy(values, part);
            }
            return lane.algebra().dot(values, values);
        }

        private MatrixStep add(double weight, int model) {
            Panels rows = Panels.of(shape.n());
            Supplier<MatrixStep> next = () -> task(model + 1);
            return new MatrixStep.Stage(
                    rows.count(),
                    (panel, lane) -> addSquare(weight, rows, panel, lane),
                    () -> new MatrixStep.Stage(
                            columns().count(), (panel, lane) -> addCube(weight, panel, lane), next));
        }

        /** Columns of C. */
        private void addSquare(double weight, Panels rows, int panel, MatrixLane lane) {
            lane.requireGoing();
            Matrix some = vector.block(rows.first(panel), 0, rows.width(panel), shape.m());
            Matrix total = rows.of(terms.c(), panel);
            if (outer()) {
                Matrix own = rows.of(square, panel);
                lane.algebra().gemm(weight, vector, false, some, true, 0, own);
                add(own, total, lane);
            } else {
                lane.algebra().gemm(weight, vector, false, some, true, 1, total);
            }
        }

        private void add(Matrix own, Matrix total, MatrixLane lane) {
            if (precision == Precision.F32) {
                lane.compute(Elementwise.SUM, List.of(total, own), List.of(total));
                return;
            }
            for (int col = 0; col < own.cols(); col++) {
                for (int row = 0; row < own.rows(); row++) {
                    total.set(row, col, total.get(row, col) + own.get(row, col));
                }
            }
        }

        /** Columns of D. */
        private void addCube(double weight, int panel, MatrixLane lane) {
            lane.requireGoing();
            Matrix some = columns().of(vector, panel);
            Matrix total = columns().of(terms.d(), panel);
            if (outer()) {
                lane.algebra().gemm(1, square, false, some, false, 1, total);
            } else {
                Matrix inner = lane.temporary(shape.m(), some.cols(), precision);
                lane.algebra().gemm(weight, vector, true, some, false, 0, inner);
                lane.algebra().gemm(1, vector, false, inner, false, 1, total);
            }
        }
    }
}

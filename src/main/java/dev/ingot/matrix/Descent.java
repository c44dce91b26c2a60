// SPDX-License-Identifier: Apache-2.0
package dev.ingot.matrix;

import dev.ingot.kernel.Formula;
import dev.ingot.linalg.LinearAlgebra;
import dev.ingot.linalg.Matrix;
import dev.ingot.linalg.Precision;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Steps of an optimiser towards the minimum of the function of X whose gradient is 2 (C X - D). Columns of X do not depend on
 * each other, so a panel of them makes all its steps in one task, and what the optimiser remembers is forgotten with the task.
 *
 * @param shape     of the tensor; X is n x m
 * @param optimiser what it goes by
 * @param steps     how many
 * @param start     what the sum of all task vectors is multiplied by to get the first X
 */
record Descent(MatrixShape shape, Optimiser optimiser, int steps, double start) {
    private Panels panels() {
        return Panels.of(shape.m());
    }

    /**
     * Temporary memory of a task.
     *
     * @param factor  whether C is given by a factor
     * @param columns of that factor
     */
    long temporary(boolean factor, long columns) {
        int width = panels().width(0);
        return (1 + optimiser.states()) * MatrixNeeds.of(shape.n(), width, Precision.F32)
                + Curvature.temporary(factor, columns, width);
    }

    /** What the stage counts as. */
    int parts() {
        return Math.max(1, steps);
    }

    /**
     * All steps.
     *
     * @param c    C
     * @param d    D, n x m
     * @param x    the sum of all task vectors, n x m, which the result replaces
     * @param then what comes next
     */
    MatrixStep stage(Curvature c, Matrix d, Matrix x, Supplier<MatrixStep> then) {
        Panels panels = panels();
        return new MatrixStep.Stage(
                panels.count(),
                parts(),
                (panel, lane) -> descend(c, panels.of(d, panel), panels.of(x, panel), lane),
                then);
    }

    private void descend(Curvature c, Matrix d, Matrix x, MatrixLane lane) {
        if (start != 1) {
            lane.compute(Elementwise.times(start), List.of(x), List.of(x));
        }
        Matrix half = c.half(lane, x.cols());
        Matrix product = lane.temporary(x.rows(), x.cols(), Precision.F32);
        List<Matrix> moved = new ArrayList<>(List.of(x));
        for (int i = 0; i < optimiser.states(); i++) {
            Matrix state = lane.temporary(x.rows(), x.cols(), Precision.F32);
            state.data().fill((byte) 0);
            moved.add(state);
        }
        List<Matrix> inputs = new ArrayList<>(moved);
        inputs.addAll(List.of(product, d));
        try (LinearAlgebra.Held _ = lane.algebra().hold(c.matrix())) {
            for (int step = 0; step < steps; step++) {
                lane.requireGoing(step, steps);
                c.times(lane, x, half, product);
                lane.compute(move(step + 1), inputs, moved);
            }
        }
    }

    /** A step, from 1. Made when it is needed: those of all steps would take memory that no plan knows of. */
    private Formula move(int step) {
        return optimiser.formula(step, (f, first) -> f.mul(2, f.sub(f.model(first), f.model(first + 1))));
    }
}

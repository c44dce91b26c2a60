// SPDX-License-Identifier: Apache-2.0
package dev.ingot.matrix;

import dev.ingot.linalg.Matrix;
import dev.ingot.linalg.Precision;
import java.util.List;
import java.util.function.Supplier;

/**
 * The sum of all deltas, each times a factor, panel by panel.
 *
 * @param shape   of the tensor
 * @param factors one per model
 */
record DeltaSum(MatrixShape shape, List<Double> factors) {
    /** Stages that it takes. */
    static final int PARTS = 1;

    DeltaSum {
        factors = List.copyOf(factors);
    }

    /** Bytes of temporary matrices of a task. */
    long temporary() {
        return MatrixNeeds.of(shape.n(), Panels.of(shape.m()).width(0), Precision.F32);
    }

    /**
     * Adds up.
     *
     * @param sum n x m, packed, float32, of any content
     */
    MatrixStep.Stage into(Matrix sum, Supplier<MatrixStep> then) {
        Panels panels = Panels.of(shape.m());
        return new MatrixStep.Stage(panels.count(), (panel, lane) -> add(panels.first(panel), panels.of(sum, panel), lane), then);
    }

    private void add(int first, Matrix sum, MatrixLane lane) {
        scaled(0, factors.getFirst(), first, sum, lane);
        Matrix next = lane.temporary(sum.rows(), sum.cols(), Precision.F32);
        for (int model = 1; model < shape.models(); model++) {
            lane.delta(model, first, next);
            lane.compute(Elementwise.sum(factors.get(model)), List.of(sum, next), List.of(sum));
        }
    }

    /** Reads columns of a model's delta times a factor. */
    static void scaled(int model, double factor, int first, Matrix into, MatrixLane lane) {
        lane.delta(model, first, into);
        if ((float) factor != 1) {
            lane.compute(Elementwise.times(factor), List.of(into), List.of(into));
        }
    }
}

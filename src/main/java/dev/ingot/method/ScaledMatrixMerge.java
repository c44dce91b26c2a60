// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.matrix.MatrixProgram;
import dev.ingot.matrix.MatrixShape;

/** A method whose output is the base plus {@code scale} times a matrix that a program makes. */
abstract class ScaledMatrixMerge extends MatrixMerge {
    /** The parameter. */
    static final Parameter SCALE = Parameter.number(
            "scale", Parameter.Level.GLOBAL, 1, Parameter.Range.ANY, "factor on the merged task vector");

    private final MethodSpec spec;

    ScaledMatrixMerge(MethodSpec spec) {
        this.spec = spec;
    }

    @Override
    public final MethodSpec spec() {
        return spec;
    }

    /** What computes the matrix. */
    abstract MatrixProgram program(TensorContext context, MatrixShape shape);

    @Override
    final TensorProgram merged(TensorContext context, MatrixShape shape) {
        MatrixProgram program = program(context, shape);
        Step step = new Step.Matrices(program, facts -> new Step.AddProduct(0, (float) factor(context)));
        return TensorProgram.writing(step, program);
    }

    @Override
    final double factor(TensorContext context) {
        return context.globals().number(SCALE.name());
    }
}

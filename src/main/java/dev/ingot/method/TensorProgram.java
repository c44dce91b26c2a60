// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.matrix.MatrixProgram;

/**
 * How to compute one tensor: a first step, which leads to the others.
 *
 * @param first the first step
 * @param reads how often the inputs are read in the usual case, this program's cost
 * @param baseReads how often the base is read besides
 * @param needs what its memory goes by
 */
public record TensorProgram(Step first, int reads, int baseReads, Needs needs) {
    /** A program that reads all inputs alike. */
    public TensorProgram(Step first, int reads, Needs needs) {
        this(first, reads, 0, needs);
    }

    /** A program of one elementwise step. */
    public static TensorProgram single(Step step) {
        return new TensorProgram(step, 1, Needs.NONE);
    }

    /**
     * A program on whole matrices, and a pass that writes what it made.
     *
     * @param step     runs the matrices' program, and leads to the pass
     * @param matrices what it runs
     */
    static TensorProgram writing(Step step, MatrixProgram matrices) {
        Needs needs = Needs.NONE.withMatrices(matrices.needs());
        return new TensorProgram(step, matrices.reads() + 1, matrices.baseReads(), needs);
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

/**
 * How to compute one tensor: a first step, which leads to the others.
 *
 * @param first the first step
 * @param reads how often the inputs are read in the usual case, this program's cost
 * @param needs what its memory goes by
 */
public record TensorProgram(Step first, int reads, Needs needs) {
    /** A program of one elementwise step. */
    public static TensorProgram single(Step step) {
        return new TensorProgram(step, 1, Needs.NONE);
    }
}

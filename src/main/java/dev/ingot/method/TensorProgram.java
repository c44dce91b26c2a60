// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

/**
 * How to compute one tensor: a first step, which leads to the others.
 *
 * @param first the first step
 * @param reads how often the inputs are read in the usual case, this program's cost
 * @param sums  most numbers that a step sums up, which is what its memory goes by: 2 per model for
 *              {@link Step.DeltaSums}, 1 per pair for {@link Step.Gram}, 0 for the others
 */
public record TensorProgram(Step first, int reads, int sums) {
    /** A program of one elementwise step. */
    public static TensorProgram single(Step step) {
        return new TensorProgram(step, 1, 0);
    }
}

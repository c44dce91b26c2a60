// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.method.Needs;
import dev.ingot.method.TensorProgram;

/**
 * An output tensor and what its program says of itself. Methods write a program, formulas included, whenever one is asked
 * for, so a plan asks once and keeps what is said. {@link DrawOrder} has asked before that where a run has a random sequence.
 *
 * @param reads passes over complete inputs in the usual case
 * @param baseReads passes over the base alone, besides
 * @param needs what the program's memory goes by
 */
record CostedTensor(TensorResolver.Resolved tensor, int reads, int baseReads, Needs needs) {
    /**
     * Asks for the program.
     *
     * @throws dev.ingot.error.ConfigException if the method refuses the tensor's parameters
     */
    static CostedTensor of(TensorResolver.Resolved tensor) {
        if (tensor.method().isEmpty()) {
            return new CostedTensor(tensor, 1, 0, Needs.NONE);
        }
        TensorProgram program = tensor.method().get().program(tensor.context());
        return new CostedTensor(tensor, program.reads(), program.baseReads(), program.needs());
    }

    /** Number of elements, in the model also where their bits alone are stored. */
    long elements() {
        return tensor.shape().elements();
    }

    /** How many numbers it takes from the run's random sequence, if there is one. */
    long draws() {
        return needs.draws() * elements();
    }

    /** Whether it is computed with linear algebra. */
    boolean takesAlgebra() {
        return needs.matrices().any();
    }

    /** Selections within the tensor at a time. */
    long picks() {
        return (long) needs.deltaPicks() + needs.scorePicks();
    }
}

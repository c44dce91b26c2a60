// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.Formula;
import dev.ingot.matrix.MatrixProgram;

/** What elements are selected by: the magnitude of a number that each of them has. */
public sealed interface Score {
    /**
     * The delta of a model.
     *
     * @param model index of the model
     */
    record Delta(int model) implements Score {}

    /**
     * The only output of a formula.
     *
     * @param formula computes it from base and models
     */
    record Computed(Formula formula) implements Score {
        /** Checks that there is one output. */
        public Computed {
            if (formula.outputs() != 1 || formula.bits() != 0 || !formula.results().isEmpty()) {
                throw new IllegalArgumentException("a score is the only output of its formula");
            }
        }
    }

    /**
     * A matrix that {@link Step.Matrices} makes. A selection over the whole model runs the program for each of its passes, as
     * nothing is held of tensors between them.
     *
     * @param program makes it; of all scores of a tensor the same
     * @param number  its number among the program's products
     */
    record Product(MatrixProgram program, int number) implements Score {}
}

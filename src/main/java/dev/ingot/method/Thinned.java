// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.FormulaBuilder;
import dev.ingot.kernel.FormulaBuilder.Value;
import dev.ingot.kernel.Mask;
import java.util.Optional;

/**
 * What is left of a task vector, for one model and tensor.
 *
 * @param mask  the elements that stay, if kernels know such masks
 * @param value gives the element of the thinned task vector
 */
record Thinned(Optional<Mask> mask, Element value) {
    /** All of it. */
    static final Thinned WHOLE = new Thinned(Optional.of(Mask.NONE), FormulaBuilder::delta);

    /** Nothing. */
    static final Thinned NOTHING = new Thinned(Optional.empty(), (formula, model) -> formula.constant(0));

    /** An element of a formula. */
    @FunctionalInterface
    interface Element {
        Value of(FormulaBuilder formula, int model);
    }

    /** The largest elements. */
    static Thinned of(Selection selection) {
        Mask.Magnitude mask = selection.magnitude();
        return new Thinned(
                Optional.of(mask),
                (formula, model) -> {
                    Value delta = formula.delta(model);
                    return formula.select(formula.largest(mask, delta), delta, formula.constant(0));
                });
    }

    /** The elements for which a truth value is 1. */
    static Thinned where(DeltaFormula.Keep keep) {
        return new Thinned(Optional.empty(), (formula, model) -> DeltaFormula.kept(formula, model, keep));
    }
}

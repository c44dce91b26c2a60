// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.FormulaBuilder;
import dev.ingot.kernel.FormulaBuilder.Value;
import dev.ingot.kernel.Mask;
import java.util.Optional;

/**
 * What is left of a task vector, for one model and tensor.
 *
 * @param mask    the elements that stay, if kernels know such masks
 * @param rescale what kernels multiply them by
 * @param element gives an element of the thinned task vector
 */
record Thinned(Optional<Mask> mask, double rescale, Element element) {
    /** All of it. */
    static final Thinned WHOLE = new Thinned(Optional.of(Mask.NONE), 1, (inputs, model, whole) -> whole);

    /** Nothing. */
    static final Thinned NOTHING = by((inputs, model, whole) -> inputs.formula().constant(0));

    /** An element of a formula. */
    @FunctionalInterface
    interface Element {
        /**
         * What becomes of it.
         *
         * @param inputs those of the formula in which it is computed
         * @param model  place of the model
         * @param whole  the element before
         */
        Value of(FurtherInputs inputs, int model, Value whole);
    }

    /** What no kernel knows. */
    static Thinned by(Element element) {
        return new Thinned(Optional.empty(), 1, element);
    }

    /** The largest elements. */
    static Thinned of(Selection selection) {
        Mask.Magnitude mask = selection.magnitude();
        return new Thinned(
                Optional.of(mask), 1, keeping((inputs, model, whole) -> inputs.formula().largest(mask, whole)));
    }

    /** The elements whose bits are set. */
    static Thinned of(Mask.Bits mask) {
        return new Thinned(
                Optional.of(mask), 1, keeping((inputs, model, whole) -> inputs.formula().bit(mask.table())));
    }

    /** The elements for which a truth value is 1. */
    static Thinned where(Element condition) {
        return by(keeping(condition));
    }

    /** The element where a truth value is 1, otherwise 0. */
    static Element keeping(Element condition) {
        return (inputs, model, whole) -> {
            FormulaBuilder formula = inputs.formula();
            return formula.select(condition.of(inputs, model, whole), whole, formula.constant(0));
        };
    }

    /** What another thinning leaves of this one. */
    Thinned then(Thinned next) {
        return this.equals(WHOLE)
                ? next
                : by((inputs, model, whole) -> next.element.of(inputs, model, element.of(inputs, model, whole)));
    }

    /** The element of a model's thinned task vector. */
    Value value(FurtherInputs inputs, int model) {
        return element.of(inputs, model, inputs.formula().delta(model));
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.FormulaBuilder;
import dev.ingot.kernel.FormulaBuilder.Value;
import java.util.function.Function;

/** Masks that keep elements at random with probability density, as DARE does (arXiv 2311.03099). */
final class RandomDrop {
    private final TensorContext context;
    private final FormulaBuilder formula = new FormulaBuilder(true, 0);
    private final FurtherInputs further;

    RandomDrop(TensorContext context) {
        this.context = context;
        this.further = new FurtherInputs(context, formula);
        for (TensorContext.ModelContext model : context.models()) {
            Value delta = formula.delta(model.position());
            Value kept = kept(model);
            formula.bits(kept);
            formula.sum(formula.abs(delta));
            formula.sum(formula.abs(formula.select(kept, delta, formula.constant(0))));
        }
    }

    /** The pass that makes the masks, and the sums of |d| and |kept(d)| per model. */
    Step.Evaluate step(Function<Evaluation, Step> then) {
        return new Step.Evaluate(formula.build(), further.inputs(), then);
    }

    /** What the pass and the masks take. */
    Needs needs() {
        int models = context.models().size();
        return Needs.NONE.withSums(2 * models, 0).withMasks(models).withDraws(further.draws());
    }

    private Value kept(TensorContext.ModelContext model) {
        double density = model.parameters().number("density");
        return density >= 1
                ? formula.constant(1)
                : formula.greater(formula.constant(context.random().threshold(density)), further.uniform(model));
    }
}

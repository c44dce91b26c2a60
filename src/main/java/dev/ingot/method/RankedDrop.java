// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.error.ConfigException;
import dev.ingot.kernel.Formula;
import dev.ingot.kernel.FormulaBuilder;
import dev.ingot.kernel.FormulaBuilder.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * The masks of DELLA's MAGPRUNE (arXiv 2406.11617, section 3.1): elements stay at random, with probabilities that rise with
 * the rank of their magnitude within the row, from density - epsilon to density + epsilon.
 */
final class RankedDrop {
    private RankedDrop() {}

    /** The pass that makes the masks, and the sums of |d| and |kept(d)| per model. */
    static Step.Evaluate step(TensorContext context, Function<Evaluation, Step> then) {
        long row = context.rowLength();
        List<Formula> rankings = new ArrayList<>();
        FormulaBuilder formula = new FormulaBuilder(true, row);
        int models = context.models().size();
        for (TensorContext.ModelContext model : context.models()) {
            int index = model.position();
            FormulaBuilder ranking = new FormulaBuilder(true, row);
            rankings.add(ranking.output(ranking.abs(ranking.delta(index))).build());
            Value delta = formula.delta(index);
            Value kept = kept(formula, context, model, formula.model(models + index), row);
            formula.bits(kept);
            formula.sum(formula.abs(delta));
            formula.sum(formula.abs(formula.select(kept, delta, formula.constant(0))));
        }
        return new Step.Evaluate(formula.build(), rankings, then);
    }

    private static Value kept(
            FormulaBuilder formula, TensorContext context, TensorContext.ModelContext model, Value rank, long row) {
        double density = model.parameters().number("density");
        double epsilon = model.parameters().number("epsilon");
        if (density >= 1) {
            return formula.constant(1);
        }
        if (density + epsilon >= 1 || density - epsilon <= 0) {
            throw new ConfigException(
                    "della: density " + density + " and epsilon " + epsilon + " of tensor " + context.name()
                            + " give probabilities outside (0, 1)",
                    "choose epsilon below both density and 1 - density");
        }
        // A row of one element has no ranks; it stays with probability density.
        Value share = row > 1 ? formula.div(rank, formula.constant(row - 1)) : formula.constant(0.5);
        Value probability = formula.add(formula.constant(density - epsilon), formula.mul(2 * epsilon, share));
        return formula.greater(probability, formula.uniform(MaskKey.of(context.seed(), context.name(), model.position())));
    }
}

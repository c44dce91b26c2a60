// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.error.ConfigException;
import dev.ingot.kernel.FormulaBuilder;
import dev.ingot.kernel.FormulaBuilder.Value;
import java.util.function.Function;

/**
 * Masks that keep elements at random: with probability density, as DARE does (arXiv 2311.03099), or, as DELLA's MAGPRUNE
 * (arXiv 2406.11617, section 3.1), with probabilities that rise with the rank of their magnitude within the row, from
 * density - epsilon to density + epsilon.
 */
final class RandomDrop {
    /** Ranks are float32 numbers, which are exact below this. */
    private static final long MOST_RANKED = 1 << 24;

    private final TensorContext context;
    private final boolean ranked;
    private final long row;
    private final FormulaBuilder formula;
    private final FurtherInputs further;

    /** @param ranked whether ranks matter */
    RandomDrop(TensorContext context, boolean ranked) {
        this.context = context;
        this.ranked = ranked;
        this.row = ranked ? context.rowLength() : 0;
        this.formula = new FormulaBuilder(true, row);
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
        Needs needs = Needs.NONE.withSums(2 * models, row).withMasks(models);
        return (ranked ? needs.withRankings(models, row) : needs).withDraws(further.draws());
    }

    private Value kept(TensorContext.ModelContext model) {
        double density = model.parameters().number("density");
        if (density >= 1) {
            return formula.constant(1);
        }
        Value probability = ranked ? byRank(model, density) : formula.constant(context.random().threshold(density));
        return formula.greater(probability, further.uniform(model));
    }

    private Value byRank(TensorContext.ModelContext model, double density) {
        double epsilon = model.parameters().number("epsilon");
        if (density + epsilon >= 1 || density - epsilon <= 0) {
            throw new ConfigException(
                    "della: density " + density + " and epsilon " + epsilon + " of tensor " + context.name()
                            + " give probabilities outside (0, 1)",
                    "choose epsilon below both density and 1 - density");
        }
        if (row >= MOST_RANKED) {
            throw new ConfigException(
                    "della: a row of tensor " + context.name() + " has " + row + " elements, more than can be ranked ("
                            + (MOST_RANKED - 1) + ")",
                    "merge this tensor with density: 1, by a filter on its name");
        }
        FormulaBuilder magnitude = new FormulaBuilder(true, row);
        magnitude.output(magnitude.abs(magnitude.delta(model.position())));
        Value rank = further.rank(magnitude.build());
        // A row of one element has no ranks; it stays with probability density.
        Value share = row > 1 ? formula.div(rank, formula.constant(row - 1)) : formula.constant(0.5);
        return formula.add(formula.constant(density - epsilon), formula.mul(2 * epsilon, share));
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.error.ConfigException;
import dev.ingot.kernel.FormulaBuilder;
import dev.ingot.kernel.FormulaBuilder.Value;
import dev.ingot.kernel.Mask;
import dev.ingot.method.Composition.Probability;
import dev.ingot.method.Composition.Rescale;
import java.util.Optional;

/** Thinning at random: DARE (arXiv 2311.03099, section 3.2) and DELLA's MagPrune (arXiv 2406.11617, section 3.1). */
final class RandomThinning {
    private RandomThinning() {}

    /** Every element stays with probability density. */
    static Thinned uniform(TensorContext context, TensorContext.ModelContext model) {
        double density = Composition.density(model, "");
        if (density <= 0) {
            return Thinned.NOTHING;
        }
        float factor = Composition.rescale(context) == Rescale.EXPECTATION ? (float) (1 / density) : 1;
        Thinned.Element element = (inputs, place, whole) -> {
            FormulaBuilder formula = inputs.formula();
            Value probability = formula.constant(density);
            Value kept = formula.select(stays(inputs, place, probability), whole, formula.constant(0));
            return factor == 1 ? kept : formula.mul(factor, kept);
        };
        return new Thinned(mask(context, model, (float) density), factor, element);
    }

    /** Whether an element stays: what the recorded mask says, if there is one. */
    private static Value stays(FurtherInputs inputs, int place, Value probability) {
        FormulaBuilder formula = inputs.formula();
        TensorContext.ModelContext model = inputs.model(place);
        return model.mask().isPresent()
                ? formula.greater(formula.model(model.mask().getAsInt()), formula.constant(0))
                : formula.greater(probability, inputs.uniform(model));
    }

    /** The mask of kernels that keeps the same elements: formulas compare 24 of the 32 bits of a random word. */
    private static Optional<Mask> mask(TensorContext context, TensorContext.ModelContext model, float density) {
        if (model.mask().isPresent() || model.draws().isPresent()) {
            return Optional.empty();
        }
        long bits = (long) Math.ceil(density * 0x1p24);
        long key = MaskKey.of(context.seed(), context.name(), model.position());
        return Optional.of(density >= 1 ? Mask.NONE : new Mask.Random(key, (int) (bits << 8)));
    }

    /**
     * Refuses probabilities that are none, and more elements than can be ranked.
     *
     * @throws ConfigException if there are some
     */
    static void checkRanked(TensorContext context, TensorContext.ModelContext model) {
        double density = Composition.density(model, "");
        double epsilon = model.parameters().number("epsilon");
        if (density < 1 && (density + epsilon >= 1 || density - epsilon <= 0)) {
            throw new ConfigException(
                    "density " + density + " and epsilon " + epsilon + " of tensor " + context.name()
                            + " give probabilities outside (0, 1)",
                    "choose epsilon below both density and 1 - density");
        }
        if (Composition.probability(context) != Probability.ROW_MAGNITUDE) {
            RowRanks.checked(context, rankedRow(context));
        }
    }

    /** Elements stay with probabilities from density - epsilon to density + epsilon, by what these are said to go by. */
    static Thinned ranked(TensorContext context, TensorContext.ModelContext model, Optional<RowSpans> spans) {
        double density = Composition.density(model, "");
        double epsilon = model.parameters().number("epsilon");
        Probability by = Composition.probability(context);
        long row = by == Probability.ROW_MAGNITUDE ? 0 : rankedRow(context);
        boolean rescales = Composition.rescale(context) == Rescale.EXPECTATION;
        return Thinned.by((inputs, place, whole) -> {
            FormulaBuilder formula = inputs.formula();
            Value probability = formula.constant(1);
            if (density < 1) {
                Value share = by == Probability.ROW_MAGNITUDE
                        ? spans.orElseThrow().share(formula, place, formula.abs(whole))
                        : share(inputs, place, row);
                probability = formula.add(formula.constant(density - epsilon), formula.mul(2 * epsilon, share));
            }
            Value kept = formula.select(stays(inputs, place, probability), whole, formula.constant(0));
            return rescales ? formula.div(kept, probability) : kept;
        });
    }

    /** From 0 for the smallest of those that are ranked together to 1 for the largest. */
    private static Value share(FurtherInputs inputs, int model, long row) {
        FormulaBuilder formula = inputs.formula();
        // One element alone has no rank; it stays with probability density.
        return row > 1
                ? formula.div(RowRanks.ascending(inputs, model, row), formula.constant(row - 1))
                : formula.constant(0.5);
    }

    /** How many elements are ranked together. */
    static long rankedRow(TensorContext context) {
        return Composition.probability(context) == Probability.TENSOR_RANK
                ? Math.max(1, context.elements())
                : context.rowLength();
    }
}

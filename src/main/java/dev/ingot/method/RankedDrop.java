// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.error.ConfigException;
import dev.ingot.kernel.RankedMask;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Masks that keep elements at random with probabilities that rise with the rank of their magnitude within the row, from
 * density - epsilon to density + epsilon: DELLA's MAGPRUNE (arXiv 2406.11617, section 3.1).
 */
final class RankedDrop {
    private final TensorContext context;
    private final long row;
    private final List<Step.Drop> drops = new ArrayList<>();
    private int draws;

    RankedDrop(TensorContext context) {
        this.context = context;
        this.row = context.rowLength();
        for (TensorContext.ModelContext model : context.models()) {
            double density = model.parameters().number("density");
            if (density < 1) {
                drops.add(drop(model, density));
            }
        }
    }

    /** The pass that makes one mask, and one pair of sums, for each model that is thinned. */
    Step.RankedMasks step(Function<List<Step.Dropped>, Step> then) {
        return new Step.RankedMasks(drops, row, then);
    }

    /** What the pass and the masks take. */
    Needs needs() {
        int masks = drops.size();
        return Needs.NONE.withSums(2 * masks, row).withMasks(masks).withRankedMasks(row).withDraws(draws);
    }

    private Step.Drop drop(TensorContext.ModelContext model, double density) {
        double epsilon = model.parameters().number("epsilon");
        if (density + epsilon >= 1 || density - epsilon <= 0) {
            throw new ConfigException(
                    "della: density " + density + " and epsilon " + epsilon + " of tensor " + context.name()
                            + " give probabilities outside (0, 1)",
                    "choose epsilon below both density and 1 - density");
        }
        if (row >= RankedMask.MAX_ROW) {
            throw new ConfigException(
                    "della: a row of tensor " + context.name() + " has " + row + " elements, more than can be ranked ("
                            + (RankedMask.MAX_ROW - 1) + ")",
                    "merge this tensor with density: 1, by a filter on its name");
        }
        float low = (float) (density - epsilon);
        float width = (float) (2 * epsilon);
        Step.Draws numbers = draws(model);
        long key = numbers instanceof Step.Draws.Keyed ? MaskKey.of(context.seed(), context.name(), model.position()) : 0;
        return new Step.Drop(model.position(), new RankedMask(low, width, key, row), numbers);
    }

    /** Where the model has recorded numbers, these. To be asked for in the order of models, as a sequence serves them. */
    private Step.Draws draws(TensorContext.ModelContext model) {
        if (model.draws().isPresent()) {
            return new Step.Draws.Recorded(model.draws().getAsInt());
        }
        return switch (context.random()) {
            case Randomness.Keyed keyed -> new Step.Draws.Keyed();
            case Randomness.Sequence sequence ->
                new Step.Draws.Sequence(sequence.first() + draws++ * context.elements());
        };
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.error.ConfigException;
import dev.ingot.kernel.RankedMask;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
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
        return Needs.NONE.withSums(2 * masks, row).withMasks(masks).withRanking(row).withDraws(draws);
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
        return switch (context.random()) {
            case Randomness.Keyed(long seed) -> {
                long key = MaskKey.of(seed, context.name(), model.position());
                yield new Step.Drop(model.position(), new RankedMask(low, width, key, row), OptionalLong.empty());
            }
            case Randomness.Sequence sequence -> {
                OptionalLong first = OptionalLong.of(sequence.first() + draws++ * context.elements());
                yield new Step.Drop(model.position(), new RankedMask(low, width, 0, row), first);
            }
        };
    }
}

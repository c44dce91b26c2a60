// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.Formula;
import dev.ingot.kernel.FormulaBuilder;
import dev.ingot.kernel.FormulaBuilder.Value;
import java.util.ArrayList;
import java.util.List;

/** The further inputs of a formula of one tensor, behind all operands, numbered as the formula asks for them. Not thread-safe. */
final class FurtherInputs {
    private final TensorContext context;
    private final FormulaBuilder formula;
    private final List<Further> inputs = new ArrayList<>();
    private int draws;

    FurtherInputs(TensorContext context, FormulaBuilder formula) {
        this.context = context;
        this.formula = formula;
    }

    /** The context of the model in this place. */
    TensorContext.ModelContext model(int place) {
        return context.models().get(place);
    }

    /** What the formula is written with. */
    FormulaBuilder formula() {
        return formula;
    }

    /** The rank of the element's value within its row. */
    Value rank(Formula value) {
        return add(new Further.Ranks(value));
    }

    /**
     * A uniform random number in [0, 1), independent for every element and model. To be asked for in the order of models,
     * because a sequence serves them in this order. Where the model has recorded numbers, it is one of these.
     */
    Value uniform(TensorContext.ModelContext model) {
        if (model.draws().isPresent()) {
            return formula.model(model.draws().getAsInt());
        }
        return switch (context.random()) {
            case Randomness.Keyed(long seed) -> formula.uniform(MaskKey.of(seed, context.name(), model.position()));
            case Randomness.Sequence sequence ->
                    add(new Further.Draws(sequence.first() + draws++ * context.elements()));
        };
    }

    /** An element of a matrix that {@link Step.Matrices} made. */
    Value product(int number) {
        return add(new Further.Product(number));
    }

    /** All that were asked for. */
    List<Further> inputs() {
        return inputs;
    }

    /** How many of them are numbers of a sequence. */
    int draws() {
        return draws;
    }

    private Value add(Further input) {
        // What is asked for again is made once.
        int known = inputs.indexOf(input);
        if (known < 0) {
            inputs.add(input);
        }
        return formula.model(context.operands() + (known < 0 ? inputs.size() - 1 : known));
    }
}

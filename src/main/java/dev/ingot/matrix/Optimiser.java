// SPDX-License-Identifier: Apache-2.0
package dev.ingot.matrix;

import dev.ingot.kernel.Formula;
import dev.ingot.kernel.FormulaBuilder;
import dev.ingot.kernel.FormulaBuilder.Value;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.IntStream;

/**
 * A rule by which gradients move values, elementwise, with the semantics of {@code torch.optim}. What it remembers of earlier
 * steps are matrices of the values' shape that are zero before the first. Immutable.
 */
public sealed interface Optimiser permits Adam, Sgd {
    /** How many matrices it remembers. */
    int states();

    /**
     * One step as a part of a formula.
     *
     * @param builder  of the formula, which must read its inputs before the outputs are stored if they are the same matrices
     * @param step     number of the step, from 1
     * @param value    what is moved
     * @param gradient of what is made small
     * @param state    what is remembered, {@link #states()} of them
     * @return the new value and what is to be remembered
     */
    List<Value> step(FormulaBuilder builder, int step, Value value, Value gradient, List<Value> state);

    /**
     * One step as a formula for {@link MatrixLane#compute}, whose inputs are the value, what is remembered, and whatever the
     * gradient is made of; its outputs are the value and what is remembered, which may be the same matrices.
     *
     * @param step     number of the step, from 1
     * @param gradient writes the gradient, given the builder and the number of the first input that is the gradient's
     */
    default Formula formula(int step, BiFunction<FormulaBuilder, Integer, Value> gradient) {
        FormulaBuilder builder = new FormulaBuilder(false, 0);
        int own = 1 + states();
        List<Value> state = IntStream.range(1, own).mapToObj(builder::model).toList();
        step(builder, step, builder.model(0), gradient.apply(builder, own), state).forEach(builder::output);
        return builder.build();
    }
}

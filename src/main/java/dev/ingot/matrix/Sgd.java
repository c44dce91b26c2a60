// SPDX-License-Identifier: Apache-2.0
package dev.ingot.matrix;

import dev.ingot.kernel.FormulaBuilder;
import dev.ingot.kernel.FormulaBuilder.Value;
import java.util.List;

/**
 * Gradient descent, with momentum if that is not 0; it is not dampened. In torch the momentum starts as the first gradient, which
 * is what a start from zero gives when it is not dampened.
 *
 * @param rate     learning rate
 * @param momentum share of the last move that is kept
 */
public record Sgd(double rate, double momentum) implements Optimiser {
    @Override
    public int states() {
        return momentum == 0 ? 0 : 1;
    }

    @Override
    public List<Value> step(FormulaBuilder f, int step, Value value, Value gradient, List<Value> state) {
        if (momentum == 0) {
            return List.of(f.sub(value, f.mul(rate, gradient)));
        }
        Value move = f.add(f.mul(momentum, state.get(0)), gradient);
        return List.of(f.sub(value, f.mul(rate, move)), move);
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.matrix;

import dev.ingot.kernel.FormulaBuilder;
import dev.ingot.kernel.FormulaBuilder.Value;
import java.util.List;

/**
 * Adam (arXiv 1412.6980), or AdamW (arXiv 1711.05101) where the decay is decoupled. Remembers the means of gradients and of
 * their squares.
 *
 * @param rate      learning rate
 * @param beta1     share of the mean gradient that stays
 * @param beta2     share of the mean square that stays
 * @param epsilon   added to the root of the mean square, after the correction of its bias
 * @param decay     weight decay
 * @param decoupled whether decay shrinks the value instead of being a part of the gradient
 */
public record Adam(double rate, double beta1, double beta2, double epsilon, double decay, boolean decoupled)
        implements Optimiser {
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.999;
    private static final double EPSILON = 1e-8;

    /** Adam with torch's defaults. */
    public static Adam of(double rate) {
        return new Adam(rate, BETA1, BETA2, EPSILON, 0, false);
    }

    @Override
    public int states() {
        return 2;
    }

    @Override
    public List<Value> step(FormulaBuilder f, int step, Value value, Value gradient, List<Value> state) {
        Value slope = decay == 0 || decoupled ? gradient : f.add(gradient, f.mul(decay, value));
        Value start = decay == 0 || !decoupled ? value : f.mul(1 - rate * decay, value);
        Value mean = f.add(state.get(0), f.mul(1 - beta1, f.sub(slope, state.get(0))));
        Value square = f.add(f.mul(beta2, state.get(1)), f.mul(1 - beta2, f.mul(slope, slope)));
        double stride = rate / (1 - Math.pow(beta1, step));
        double unbiased = Math.sqrt(1 - Math.pow(beta2, step));
        Value root = f.add(f.div(f.sqrt(square), f.constant(unbiased)), f.constant(epsilon));
        return List.of(f.sub(start, f.div(f.mul(stride, mean), root)), mean, square);
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.error.ConfigException;
import dev.ingot.kernel.WeightedSum;
import java.util.List;
import java.util.Optional;

/** Weighted average of models: sum of w_i x_i, divided by the sum of w_i unless {@code normalize} is off. */
final class Linear implements MergeMethod {
    /** Below this magnitude a sum of weights counts as zero: 0.1 + 0.2 - 0.3 is not exactly that. */
    private static final double ZERO_WEIGHTS = 1e-8;

    private static final MethodSpec SPEC = new MethodSpec(
            "linear",
            "Linear",
            Optional.of(new MethodSpec.Paper(
                    "Model soups: averaging weights of multiple fine-tuned models improves accuracy without increasing"
                            + " inference time",
                    "https://arxiv.org/abs/2203.05482")),
            "weighted average of the models",
            List.of(
                    Parameter.required("weight", Parameter.Level.PER_MODEL, Parameter.Range.ANY, "share of the model"),
                    Parameter.flag("normalize", true, "divide by the sum of the weights")),
            MethodSpec.BaseRole.MEMBER,
            1,
            Integer.MAX_VALUE,
            false);

    @Override
    public MethodSpec spec() {
        return SPEC;
    }

    @Override
    public TensorProgram program(TensorContext context) {
        double[] weights = context.models().stream()
                .mapToDouble(model -> model.parameters().number("weight"))
                .toArray();
        double divisor = 1;
        if (context.globals().flag("normalize")) {
            divisor = 0;
            for (double weight : weights) {
                divisor += weight;
            }
            if (Math.abs(divisor) < ZERO_WEIGHTS) {
                throw new ConfigException(
                        "linear: the weights of tensor " + context.name() + " sum to 0 and cannot be normalized",
                        "change a weight, or set normalize: false for a signed combination");
            }
        }
        Float[] factors = new Float[weights.length];
        for (int i = 0; i < weights.length; i++) {
            factors[i] = (float) (weights[i] / divisor);
            if (!Float.isFinite(factors[i])) {
                throw new ConfigException(
                        "linear: a weight of tensor " + context.name() + " is too large for a factor (" + weights[i] + ")",
                        "use weights of ordinary size");
            }
        }
        return TensorProgram.single(new Step.Sum(new WeightedSum(List.of(factors))));
    }
}

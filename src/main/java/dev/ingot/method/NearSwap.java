// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.FormulaBuilder;
import dev.ingot.kernel.FormulaBuilder.Value;
import java.util.List;
import java.util.Optional;

/**
 * NearSwap: base a moves to another model b where they are near, k = clamp(t / |a - b|, 0, 1), k b + (1 - k) a. Source: the
 * model card of QuartetAnemoi-70B.
 */
final class NearSwap implements MergeMethod {
    private static final double LEAST_DISTANCE = 1e-6;

    private static final MethodSpec SPEC = new MethodSpec(
            "nearswap",
            "NearSwap",
            Optional.empty(),
            "the other model's elements where they are near the base's",
            List.of(Parameter.required(
                    "t",
                    Parameter.Level.GLOBAL,
                    new Parameter.Range(0, false, Double.MAX_VALUE),
                    "distance within which an element is taken over wholly")),
            MethodSpec.BaseRole.ORIGIN,
            1,
            1,
            false);

    @Override
    public MethodSpec spec() {
        return SPEC;
    }

    @Override
    public TensorProgram program(TensorContext context) {
        FormulaBuilder formula = new FormulaBuilder(true, 0);
        Value one = formula.constant(1);
        Value distance = formula.max(
                formula.abs(formula.sub(formula.base(), formula.model(0))), formula.constant(LEAST_DISTANCE));
        Value near = formula.div(formula.constant(context.globals().number("t")), distance);
        Value k = formula.max(formula.min(near, one), formula.constant(0));
        Value result = formula.add(
                formula.mul(k, formula.model(0)), formula.mul(formula.sub(one, k), formula.base()));
        return TensorProgram.single(new Step.Compute(formula.output(result).build()));
    }
}

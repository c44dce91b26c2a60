// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.FormulaBuilder;
import dev.ingot.kernel.FormulaBuilder.Value;
import java.util.List;
import java.util.Optional;

/**
 * What distinguishes two models, added to a third: base + alpha (to - from). The base receives; the difference does not
 * count from it. Reasoning vectors (arXiv 2509.01363) are such differences.
 */
final class AddDifference implements MergeMethod {
    private static final MethodSpec SPEC = new MethodSpec(
            "add_difference",
            "Add difference (reasoning vector)",
            Optional.of(new MethodSpec.Paper(
                    "Reasoning Vectors: Transferring Chain-of-Thought Capabilities via Task Arithmetic",
                    "https://arxiv.org/abs/2509.01363")),
            "the base model plus what leads from one model to another; models are from, to",
            List.of(Parameter.number(
                    "alpha",
                    Parameter.Level.GLOBAL,
                    1,
                    Parameter.Range.ANY,
                    "factor of the difference; 1 in the paper, below 0 takes the ability away")),
            MethodSpec.BaseRole.ORIGIN,
            2,
            2,
            false);

    @Override
    public MethodSpec spec() {
        return SPEC;
    }

    @Override
    public TensorProgram program(TensorContext context) {
        FormulaBuilder formula = new FormulaBuilder(true, 0);
        Value difference = formula.sub(formula.model(1), formula.model(0));
        Value result = formula.add(formula.base(), formula.mul(context.globals().number("alpha"), difference));
        return TensorProgram.single(new Step.Compute(formula.output(result).build()));
    }
}

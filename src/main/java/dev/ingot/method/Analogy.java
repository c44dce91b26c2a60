// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.DeltaMerge;
import dev.ingot.kernel.Mask;
import java.util.List;
import java.util.Optional;

/**
 * Task analogies (arXiv 2212.04089), "a is to b as c is to the result": base + lambda (d_c + (d_b - d_a)) with
 * d = model - base.
 */
final class Analogy implements MergeMethod {
    private static final MethodSpec SPEC = new MethodSpec(
            "analogy",
            "Task analogy",
            Optional.of(new MethodSpec.Paper(
                    "Editing Models with Task Arithmetic", "https://arxiv.org/abs/2212.04089")),
            "a is to b as c is to the result; models are a, b, c",
            List.of(Parameter.number(
                    "lambda",
                    Parameter.Level.GLOBAL,
                    1,
                    Parameter.Range.ANY,
                    "factor of the combined task vector; 0.3 to 1 is usual")),
            MethodSpec.BaseRole.ORIGIN,
            3,
            3,
            false);

    @Override
    public MethodSpec spec() {
        return SPEC;
    }

    @Override
    public TensorProgram program(TensorContext context) {
        // Terms are added in order, so that what a and b have in common cancels out before c comes to it.
        List<DeltaMerge.Term> terms = List.of(
                new DeltaMerge.Term(-1, 1, Mask.NONE),
                new DeltaMerge.Term(1, 1, Mask.NONE),
                new DeltaMerge.Term(1, 1, Mask.NONE));
        float lambda = (float) context.globals().number("lambda");
        return TensorProgram.single(new Step.Merge(new DeltaMerge(terms, false, false, 1, lambda)));
    }
}

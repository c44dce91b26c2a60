// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.DeltaMerge;
import dev.ingot.matrix.MatrixProgram;
import dev.ingot.matrix.MatrixShape;
import dev.ingot.matrix.SingularProjection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What of task vectors lies in the leading, or not in the leading, singular subspace of the base weight: FusionBench's singular
 * projection merging, an experiment behind SMILE (arXiv 2408.10174, section 3).
 */
final class SingularProjectionMerging extends MatrixMerge {
    private static final String COUNT = "k";
    private static final String SUBSPACE = "subspace";

    private static final MethodSpec SPEC = new MethodSpec(
            "singular_projection",
            "Singular Projection Merging",
            Optional.of(new MethodSpec.Paper(
                    "SMILE: Zero-Shot Sparse Mixture of Low-Rank Experts Construction From Pre-Trained Foundation Models",
                    "https://arxiv.org/abs/2408.10174")),
            "the mean task vector, projected on singular vectors of the base weight",
            parameters(
                    Others.AVERAGE,
                    Parameter.number(
                            COUNT,
                            Parameter.Level.GLOBAL,
                            -1,
                            new Parameter.Range(-1, false, Integer.MAX_VALUE),
                            "how many singular vectors lead; -1: the fewest whose values are at least half of the sum"),
                    Parameter.choice(
                            SUBSPACE,
                            Parameter.Level.GLOBAL,
                            SingularProjection.Subspace.class,
                            SingularProjection.Subspace.LEADING,
                            "what is projected on: the leading vectors, the other ones, or all that is orthogonal to"
                                    + " the leading ones"),
                    Parameter.number(
                            "alpha", Parameter.Level.GLOBAL, 1, Parameter.Range.ANY, "factor on the mean task vector"),
                    Parameter.number(
                            "weight",
                            Parameter.Level.PER_MODEL,
                            1,
                            Parameter.Range.ANY,
                            "factor on a model's task vector")),
            MethodSpec.BaseRole.ORIGIN,
            1,
            DeltaMerge.MAX_TERMS,
            false);

    @Override
    public MethodSpec spec() {
        return SPEC;
    }

    @Override
    TensorProgram merged(TensorContext context, MatrixShape shape) {
        int count = WholeNumber.of(context, COUNT);
        OptionalInt leading = count < 0 ? OptionalInt.empty() : OptionalInt.of(Math.min(count, shape.smaller()));
        MatrixProgram program = new SingularProjection(
                shape, shares(context), leading, context.globals().choice(SUBSPACE, SingularProjection.Subspace.class));
        Step step = new Step.Matrices(program, facts -> new Step.AddProduct(0, (float) factor(context)));
        return TensorProgram.writing(step, program);
    }

    @Override
    double factor(TensorContext context) {
        return context.globals().number("alpha");
    }

    @Override
    double weight(TensorContext.ModelContext model) {
        return model.parameters().number("weight");
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.DeltaMerge;
import dev.ingot.matrix.Adam;
import dev.ingot.matrix.MatrixProgram;
import dev.ingot.matrix.MatrixShape;
import dev.ingot.matrix.OptMergeDescent;
import dev.ingot.matrix.Sgd;
import java.util.Optional;
import java.util.OptionalDouble;

/** OptMerge (arXiv 2505.19892), in both forms that the authors' programs have. */
final class OptMerge extends ScaledMatrixMerge {
    private static final double ADAM_RATE = 1e-5;
    private static final double SGD_RATE = 1e-4;

    /** Which of the authors' programs. */
    enum Form {
        /** For full fine-tunes: targets around the mean, from the sum by Adam. */
        ADAM,
        /** For LoRA experts: targets around zero, from the mean by gradient descent. */
        SGD
    }

    private static final MethodSpec SPEC = new MethodSpec(
            "optmerge",
            "OptMerge",
            Optional.of(new MethodSpec.Paper(
                    "OptMerge: Unifying Multimodal LLM Capabilities and Modalities via Model Merging",
                    "https://arxiv.org/abs/2505.19892")),
            "WUDI-Merging with task vectors of which only leading singular vectors count",
            parameters(
                    Others.BASE,
                    Parameter.choice(
                            "form",
                            Parameter.Level.GLOBAL,
                            Form.class,
                            Form.ADAM,
                            "adam, for full fine-tunes, or sgd, for LoRA experts: targets, start and optimiser"),
                    Parameter.optional(
                            "rank_ratio",
                            Parameter.Level.GLOBAL,
                            Parameter.Range.FRACTION,
                            "share of the singular vectors that counts; one over the number of models by default"),
                    IterativeParameters.STEPS,
                    Parameter.optional(
                            "learning_rate",
                            Parameter.Level.GLOBAL,
                            IterativeParameters.POSITIVE,
                            "1e-5 with adam, 1e-4 with sgd by default; with adam " + IterativeParameters.RATE_MEANS),
                    Parameter.number(
                            "momentum", Parameter.Level.GLOBAL, 0.9, IterativeParameters.MOMENTUM, "of the form sgd"),
                    SCALE),
            MethodSpec.BaseRole.ORIGIN,
            1,
            DeltaMerge.MAX_TERMS,
            false);

    OptMerge() {
        super(SPEC);
    }

    @Override
    MatrixProgram program(TensorContext context, MatrixShape shape) {
        ParameterValues values = context.globals();
        boolean adam = values.choice("form", Form.class) == Form.ADAM;
        double rate = values.optional("learning_rate").orElse(adam ? ADAM_RATE : SGD_RATE);
        OptionalDouble ratio = values.optional("rank_ratio");
        int rank = ratio.isPresent()
                ? (int) (shape.smaller() * ratio.getAsDouble())
                : shape.smaller() / shape.models();
        return new OptMergeDescent(
                shape,
                Math.max(1, rank),
                adam,
                adam ? Adam.of(rate) : new Sgd(rate, values.number("momentum")),
                WholeNumber.of(context, IterativeParameters.STEPS.name()),
                (adam ? Start.SUM : Start.MEAN).share(shape.models()));
    }
}

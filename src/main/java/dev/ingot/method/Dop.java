// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.DeltaMerge;
import dev.ingot.matrix.Adam;
import dev.ingot.matrix.DualProjections;
import dev.ingot.matrix.LossBalance;
import dev.ingot.matrix.MatrixProgram;
import dev.ingot.matrix.MatrixShape;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * DOP (dual orthogonal projection, NeurIPS 2025). Experts arrive in the order of the models; all that stays of earlier ones is
 * the merged model, so a result can be the first model of the next merge.
 */
final class Dop extends MatrixMerge {
    private static final MethodSpec SPEC = new MethodSpec(
            "dop",
            "DOP",
            Optional.of(new MethodSpec.Paper(
                    "Continual Model Merging without Data: Dual Projections for Balancing Stability and Plasticity",
                    "https://openreview.net/forum?id=zD5cUX67b9")),
            "experts arrive one by one; descend to what is near both in their singular subspaces",
            parameters(
                    Others.AVERAGE,
                    Parameter.number(
                            "num_steps",
                            Parameter.Level.GLOBAL,
                            200,
                            new Parameter.Range(0, false, 100_000),
                            "steps of Adam for each arriving expert; recommended 100 to 400"),
                    Parameter.number(
                            "learning_rate",
                            Parameter.Level.GLOBAL,
                            1e-4,
                            new Parameter.Range(0, true, Double.MAX_VALUE),
                            "of Adam: about the most that an element moves in a step"),
                    Parameter.number(
                            "alpha",
                            Parameter.Level.GLOBAL,
                            0.8,
                            new Parameter.Range(0, false, 1),
                            "weight of the model merged so far, the new one has the rest; with mgda at the start"),
                    Parameter.number(
                            "svd_epsilon",
                            Parameter.Level.GLOBAL,
                            0.99999,
                            Parameter.Range.FRACTION,
                            "share of the singular values that counts; below 1, where rounding would decide"),
                    Parameter.flag("mgda", true, "whether weights follow the gradients (multiple gradient descent)"),
                    Parameter.number(
                            "ema_beta",
                            Parameter.Level.GLOBAL,
                            0.999,
                            new Parameter.Range(0, false, 1),
                            "with mgda, share of the weights that stays in each step; recommended 0.99 to 0.999"),
                    Parameter.choice(
                            "proj_space",
                            Parameter.Level.GLOBAL,
                            DualProjections.Space.class,
                            DualProjections.Space.UV,
                            "which singular vectors count: left, right or both")),
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
        ParameterValues values = context.globals();
        MatrixProgram program = new DualProjections(
                shape,
                WholeNumber.of(context, "num_steps"),
                Adam.of(values.number("learning_rate")),
                new LossBalance(values.number("alpha"), values.flag("mgda"), values.number("ema_beta")),
                values.number("svd_epsilon"),
                values.choice("proj_space", DualProjections.Space.class));
        Step step = new Step.Matrices(program, facts -> new Step.AddProduct(0, 1));
        return TensorProgram.writing(step, program);
    }

    @Override
    double factor(TensorContext context) {
        return 1;
    }

    /** Each arrival halves what was there. */
    @Override
    List<Double> shares(TensorContext context) {
        int count = context.models().size();
        return IntStream.range(0, count)
                .mapToObj(model -> Math.pow(0.5, Math.min(count - 1, count - model)))
                .toList();
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.Formula;
import dev.ingot.kernel.FormulaBuilder;
import dev.ingot.kernel.FormulaBuilder.Value;
import dev.ingot.kernel.Table;
import java.util.List;
import java.util.Optional;

/**
 * Model Stock (arXiv 2403.19522, equation 7): t = N cos / (1 + (N - 1) cos) of the way from the base to the mean of N
 * models, with cos the mean cosine of their task vectors, or the cosine of the mean angle between them; per tensor, or
 * per row.
 */
final class ModelStock implements MergeMethod {
    /** Products of norms below this count as this, so that a tensor that hardly moved stays near the base. */
    private static final double LEAST_NORMS = 1e-6;

    /** Added to divisors where angles are averaged, as FusionBench does. */
    private static final double SMALL = 1e-8;

    /** N (N + 1) / 2 dot products are within the results of a formula. */
    private static final int MOST_MODELS = 15;

    private static final MethodSpec SPEC = new MethodSpec(
            "model_stock",
            "Model Stock",
            Optional.of(new MethodSpec.Paper(
                    "Model Stock: All we need is just a few fine-tuned models", "https://arxiv.org/abs/2403.19522")),
            "mean of the models, drawn to the base by the angles between them",
            List.of(
                    Parameter.flag("filter_wise", false, "one angle per row instead of one per tensor"),
                    Parameter.flag(
                            "average_angles",
                            false,
                            "averages the angles between pairs, as FusionBench does, not their cosines"),
                    Parameter.flag(
                            "plain_average", false, "the mean of the models as it is; for some tensors, by a filter")),
            MethodSpec.BaseRole.ORIGIN,
            2,
            MOST_MODELS,
            false);

    @Override
    public MethodSpec spec() {
        return SPEC;
    }

    @Override
    public TensorProgram program(TensorContext context) {
        int models = context.models().size();
        if (context.globals().flag("plain_average")) {
            return TensorProgram.single(new Step.Compute(average(models)));
        }
        boolean angles = context.globals().flag("average_angles");
        long row = context.globals().flag("filter_wise") ? context.rowLength() : 0;
        int products = models * (models + 1) / 2;
        Step step = new Step.Evaluate(products(models, row), found -> {
            float[] share = new float[found.rows()];
            float[] rest = new float[share.length];
            for (int i = 0; i < share.length; i++) {
                double t = share(Combination.matrix(found.row(i, products), models), angles);
                share[i] = (float) t;
                rest[i] = (float) (1 - t);
            }
            return new Step.Compute(merge(models, row, share, rest));
        });
        return new TensorProgram(step, 2, Needs.NONE.withSums(products, row));
    }

    private static Formula products(int models, long row) {
        FormulaBuilder formula = new FormulaBuilder(true, row);
        for (int i = 0; i < models; i++) {
            Value delta = formula.delta(i);
            for (int j = 0; j <= i; j++) {
                formula.sumOfProducts(delta, j == i ? delta : formula.delta(j));
            }
        }
        return formula.build();
    }

    private static double share(double[][] gram, boolean angles) {
        int n = gram.length;
        double sum = 0;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < i; j++) {
                double norms = Math.sqrt(gram[i][i]) * Math.sqrt(gram[j][j]);
                double divisor = angles ? norms + SMALL : Math.max(norms, LEAST_NORMS);
                double cosine = Math.clamp(gram[i][j] / divisor, -1, 1);
                sum += angles ? StrictMath.acos(cosine) : cosine;
            }
        }
        double mean = sum / (n * (n - 1) / 2.0);
        double cosine = angles ? StrictMath.cos(mean) : mean;
        double divisor = 1 + (n - 1) * cosine + (angles ? SMALL : 0);
        // Task vectors that cancel out leave nothing to go to.
        return Math.abs(divisor) < 1e-9 ? 0 : n * cosine / divisor;
    }

    private static Value average(FormulaBuilder formula, int models) {
        Value sum = formula.model(0);
        for (int i = 1; i < models; i++) {
            sum = formula.add(sum, formula.model(i));
        }
        return formula.div(sum, formula.constant(models));
    }

    private static Formula average(int models) {
        FormulaBuilder formula = new FormulaBuilder(true, 0);
        return formula.output(average(formula, models)).build();
    }

    private static Formula merge(int models, long row, float[] share, float[] rest) {
        FormulaBuilder formula = new FormulaBuilder(true, row);
        Value mean = average(formula, models);
        Value toMean = formula.mul(formula.row(Table.of(share)), mean);
        return formula.output(formula.add(toMean, formula.mul(formula.row(Table.of(rest)), formula.base())))
                .build();
    }
}

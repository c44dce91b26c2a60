// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.FormulaBuilder;
import dev.ingot.kernel.FormulaBuilder.Value;
import dev.ingot.kernel.Table;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * Spherical interpolation of two models, or of their task vectors, by weights: t = w_2 / (w_1 + w_2). The angle is that of the
 * whole tensors, or one per row. Source of the formula: Shoemake, "Animating rotation with quaternion curves" (SIGGRAPH 1985).
 */
final class NuSlerp implements MergeMethod {
    private static final double LEAST_NORM = 1e-7;
    private static final double LEAST_SINE = 1e-8;

    /** From here on vectors point away from each other, and no great circle between them is the shortest. */
    private static final double OPPOSITE = -1 + 1e-12;

    private static final MethodSpec SPEC = new MethodSpec(
            "nuslerp",
            "NuSLERP",
            Optional.empty(),
            "spherical interpolation of two models or task vectors by weights",
            List.of(
                    Parameter.required("weight", Parameter.Level.PER_MODEL, Parameter.Range.ANY, "share of the model"),
                    Parameter.flag("nuslerp_flatten", true, "one angle for the whole tensor instead of one per row"),
                    Parameter.flag("nuslerp_row_wise", false, "without nuslerp_flatten: one angle per column instead")),
            MethodSpec.BaseRole.OPTIONAL_ORIGIN,
            2,
            2,
            false);

    @Override
    public MethodSpec spec() {
        return SPEC;
    }

    @Override
    public TensorProgram program(TensorContext context) {
        double first = context.models().getFirst().parameters().number("weight");
        double second = context.models().getLast().parameters().number("weight");
        double t = Math.abs(first + second) < 1e-6 ? 0.5 : second / (first + second);
        if (context.globals().flag("nuslerp_flatten") || context.shape().rank() < 2) {
            return Combination.program(
                    context, gram -> Combination.of(context, coefficients(gram[0][0], gram[0][1], gram[1][1], t)));
        }
        boolean columns = context.globals().flag("nuslerp_row_wise");
        return columns ? byColumn(context, t) : byRow(context, t);
    }

    private static TensorProgram byRow(TensorContext context, double t) {
        FormulaBuilder formula = new FormulaBuilder(context.hasBase(), context.rowLength());
        Value x = operand(formula, context, 0);
        Value y = operand(formula, context, 1);
        formula.sumOfProducts(x, x).sumOfProducts(x, y).sumOfProducts(y, y);
        Step step = new Step.Evaluate(formula.build(), found -> interpolate(context, found.rows(), row -> found.row(row, 3), t, true));
        return new TensorProgram(step, 2, Needs.NONE.withSums(3, context.rowLength()));
    }

    private static TensorProgram byColumn(TensorContext context, double t) {
        FormulaBuilder formula = new FormulaBuilder(context.hasBase(), context.rowLength());
        formula.output(operand(formula, context, 0)).output(operand(formula, context, 1));
        Step step = new Step.ColumnGram(formula.build(), found -> interpolate(context, found.length, column -> found[column], t, false));
        return new TensorProgram(step, 2, Needs.NONE.withColumns(3, context.rowLength()));
    }

    private static Value operand(FormulaBuilder formula, TensorContext context, int model) {
        return context.hasBase() ? formula.delta(model) : formula.model(model);
    }

    /**
     * @param count    number of rows or columns
     * @param products x.x, x.y, y.y of each
     */
    private static Step interpolate(
            TensorContext context, int count, IntFunction<double[]> products, double t, boolean rows) {
        float[] first = new float[count];
        float[] second = new float[count];
        for (int i = 0; i < count; i++) {
            double[] sums = products.apply(i);
            double[] pair = coefficients(sums[0], sums[1], sums[2], t);
            first[i] = (float) pair[0];
            second[i] = (float) pair[1];
        }
        FormulaBuilder formula = new FormulaBuilder(context.hasBase(), context.rowLength());
        Value a = rows ? formula.row(Table.of(first)) : formula.column(Table.of(first));
        Value b = rows ? formula.row(Table.of(second)) : formula.column(Table.of(second));
        Value sum = formula.add(
                formula.mul(a, operand(formula, context, 0)), formula.mul(b, operand(formula, context, 1)));
        return new Step.Compute(
                formula.output(context.hasBase() ? formula.add(formula.base(), sum) : sum).build());
    }

    static double[] coefficients(double xx, double xy, double yy, double t) {
        double norms = Math.max(Math.sqrt(xx), LEAST_NORM) * Math.max(Math.sqrt(yy), LEAST_NORM);
        double cosine = Math.clamp(xy / norms, -1, 1);
        double angle = StrictMath.acos(cosine);
        double sine = StrictMath.sin(angle);
        if (Math.abs(sine) < LEAST_SINE || cosine < OPPOSITE) {
            return new double[] {1 - t, t};
        }
        return new double[] {StrictMath.sin((1 - t) * angle) / sine, StrictMath.sin(t * angle) / sine};
    }
}

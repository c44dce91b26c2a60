// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.FormulaBuilder;
import dev.ingot.matrix.AlignedCoefficients;
import dev.ingot.matrix.AlignedMerge;
import dev.ingot.matrix.MatrixNeeds;
import dev.ingot.matrix.MatrixProgram;
import dev.ingot.matrix.MatrixShape;
import java.util.List;
import java.util.function.Function;

/** One tensor of a merge by {@link Knots}. */
final class KnotsTensor {
    /** Numbers that {@link #signs} adds up. */
    static final int SIGN_SUMS = 2;

    private final TensorContext context;
    private final MatrixShape shape;
    private final AlignedCoefficients coefficients;

    KnotsTensor(TensorContext context, MatrixShape shape) {
        this.context = context;
        this.shape = shape;
        this.coefficients = Knots.coefficients(context, shape);
    }

    KnotsTensor(TensorContext context) {
        this(context, MatrixMerge.shape(context));
    }

    /** What all passes take. */
    MatrixNeeds needs() {
        return coefficients.needs().or(merge(List.of(), 1).needs());
    }

    /** Reports how many coefficients each model has. */
    TensorProgram count() {
        MatrixProgram rank =
                AlignedCoefficients.rank(shape, context.globals().number("sv_threshold"));
        return surveyed(rank, facts -> new Step.Report(facts[0] * shape.n()));
    }

    /** A model's coefficients each. */
    List<Score> scores() {
        return context.models().stream()
                .<Score>map(model -> new Score.Product(coefficients, model.position()))
                .toList();
    }

    /** Reports the sum of the signs of all sums, and how many sums of coefficients that are not all zero are zero. */
    TensorProgram signs(List<Cutoff> cutoffs) {
        return surveyed(coefficients, facts -> {
            FormulaBuilder builder = new FormulaBuilder(context.hasBase(), 0);
            FurtherInputs inputs = new FurtherInputs(context, builder);
            new KnotsFormula(builder, inputs::product, context, cutoffs).signs();
            return new Step.Evaluate(
                    builder.build(),
                    inputs.inputs(),
                    found -> new Step.Report(found.total(0), found.total(1)));
        });
    }

    /**
     * Merges.
     *
     * @param cutoffs  for each model the smallest magnitude that is kept; none if all is
     * @param majority what a sum of zero elects: -1, 0 or 1
     */
    TensorProgram program(List<Cutoff> cutoffs, int majority) {
        float factor = (float) context.globals().number("scaling_coeff");
        MatrixProgram merge = merge(cutoffs, majority);
        Step step = new Step.Matrices(merge, facts -> new Step.AddProduct(0, factor));
        return TensorProgram.writing(step, merge);
    }

    private MatrixProgram merge(List<Cutoff> cutoffs, int majority) {
        FormulaBuilder builder = new FormulaBuilder(false, 0);
        KnotsFormula formula = new KnotsFormula(builder, builder::model, context, cutoffs);
        builder.output(formula.merged(majority));
        return new AlignedMerge(coefficients, builder.build());
    }

    private static TensorProgram surveyed(MatrixProgram program, Function<double[], Step> then) {
        return new TensorProgram(new Step.Matrices(program, then), program.reads(), Needs.NONE);
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.DeltaMerge;
import dev.ingot.matrix.IsotropicSubspaces;
import dev.ingot.matrix.IsotropicSum;
import dev.ingot.matrix.MatrixProgram;
import dev.ingot.matrix.MatrixShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Isotropic merging (arXiv 2502.04959): Iso-C, and Iso-CTS, which adds directions of single tasks to those of their sum. */
final class IsoC extends MatrixMerge {
    private static final MethodSpec.Paper PAPER = new MethodSpec.Paper(
            "No Task Left Behind: Isotropic Model Merging with Common and Task-Specific Subspaces",
            "https://arxiv.org/abs/2502.04959");

    /** Iso-C. */
    static final MethodSpec SPEC = spec("iso_c", "Iso-C", "the sum of task vectors with all singular values made equal");

    /** Iso-CTS. */
    static final MethodSpec CTS_SPEC = spec(
            "iso_cts",
            "Iso-CTS",
            "leading directions of the sum and of each task's rest, with all singular values made equal",
            Parameter.number(
                    "common_space_fraction",
                    Parameter.Level.GLOBAL,
                    0.8,
                    new Parameter.Range(0, false, 1),
                    "share of the directions that are those of the sum"));

    private final MethodSpec spec;

    IsoC(MethodSpec spec) {
        this.spec = spec;
    }

    private static MethodSpec spec(String name, String title, String summary, Parameter... further) {
        List<Parameter> own = new ArrayList<>(List.of(
                Parameter.number(
                        "alpha",
                        Parameter.Level.GLOBAL,
                        1,
                        Parameter.Range.ANY,
                        "factor on the merged task vector; 0.5 to 2 are usual, the authors search from 0.1 to 3"),
                Parameter.number(
                        "weight", Parameter.Level.PER_MODEL, 1, Parameter.Range.ANY, "factor on a model's task vector"),
                Parameter.number(
                        "rank_tol",
                        Parameter.Level.GLOBAL,
                        2e-7,
                        new Parameter.Range(0, false, 1),
                        "largest singular value that counts as none, relative to the largest")));
        own.addAll(List.of(further));
        return new MethodSpec(
                name,
                title,
                Optional.of(PAPER),
                summary,
                parameters(Others.AVERAGE, own.toArray(Parameter[]::new)),
                MethodSpec.BaseRole.ORIGIN,
                1,
                DeltaMerge.MAX_TERMS,
                false);
    }

    @Override
    public MethodSpec spec() {
        return spec;
    }

    @Override
    TensorProgram merged(TensorContext context, MatrixShape shape) {
        double tolerance = context.globals().number("rank_tol");
        MatrixProgram program = spec == SPEC
                ? new IsotropicSum(shape, weights(context), tolerance)
                : subspaces(context, shape, tolerance);
        double alpha = factor(context);
        Step step = new Step.Matrices(program, facts -> new Step.AddProduct(0, (float) (alpha * facts[0])));
        return TensorProgram.writing(step, program);
    }

    private MatrixProgram subspaces(TensorContext context, MatrixShape shape, double tolerance) {
        int each = perTask(shape, context.globals().number("common_space_fraction"));
        int common = shape.smaller() - each * shape.models();
        return new IsotropicSubspaces(shape, weights(context), common, each, tolerance);
    }

    /** How many directions each task has, in the authors' order of operations: they round half to even. */
    static int perTask(MatrixShape shape, double commonFraction) {
        int all = shape.smaller();
        int common = (int) (all * commonFraction);
        double each = Math.rint((double) (all - common) / shape.models());
        // Rounding up may give more than there are.
        return (int) Math.min(each, all / shape.models());
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

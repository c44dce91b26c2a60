// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.config.Companion;
import dev.ingot.kernel.DeltaMerge;
import dev.ingot.matrix.AlignedCoefficients;
import dev.ingot.matrix.MatrixShape;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * KnOTS (arXiv 2410.19735): deltas are put into one basis by a singular value decomposition of all of them, merged there by the
 * rules of TIES over the model as a whole, and put back.
 */
final class Knots extends MatrixMerge {
    /** What elects the sign that is kept. */
    enum SignResolveMode {
        /** That of the sum of all values. */
        SUM_OF_VALUES,
        /** That of the sum of all signs. */
        SUM_OF_SIGNS,
        /** All values are kept. */
        NONE
    }

    /** How values are put together. */
    enum MergingType {
        /** The mean of those that are kept and not zero. */
        MEAN,
        /** Their sum. */
        SUM
    }

    /** What a sum of zero elects. */
    enum ZeroSign {
        /** The sign that most sums of the model have. */
        MAJORITY,
        /** The positive one. */
        POSITIVE
    }

    private static final double MOST_DROPPED = 0.999;

    private static final MethodSpec SPEC = new MethodSpec(
            "knots",
            "KnOTS",
            Optional.of(new MethodSpec.Paper(
                    "Model merging with SVD to tie the Knots", "https://arxiv.org/abs/2410.19735")),
            "merge in the singular basis that all task vectors share, by the rules of TIES",
            parameters(
                    Others.BASE,
                    Parameter.number(
                            "scaling_coeff",
                            Parameter.Level.GLOBAL,
                            0.5,
                            Parameter.Range.ANY,
                            "factor on the merged task vector; 0.5 to 0.6 for means is usual"),
                    Parameter.number(
                            "top_k",
                            Parameter.Level.GLOBAL,
                            100,
                            new Parameter.Range(0, true, 100),
                            "percent of each model's coefficients that are kept, by magnitude over the whole model; the authors have 20 or 100"),
                    Parameter.choice(
                            "sign_resolve_mode",
                            Parameter.Level.GLOBAL,
                            SignResolveMode.class,
                            SignResolveMode.SUM_OF_VALUES,
                            "what elects the sign of a coefficient; with none all are kept"),
                    Parameter.choice(
                            "zero_sign",
                            Parameter.Level.GLOBAL,
                            ZeroSign.class,
                            ZeroSign.MAJORITY,
                            "what a sum of values elects that is exactly zero; positive saves a pass"),
                    Parameter.choice(
                            "merging_type",
                            Parameter.Level.GLOBAL,
                            MergingType.class,
                            MergingType.MEAN,
                            "whether the kept coefficients are averaged or added"),
                    Parameter.number(
                            "dare_p",
                            Parameter.Level.GLOBAL,
                            0,
                            new Parameter.Range(0, false, MOST_DROPPED),
                            "share of the coefficients that is dropped at random before anything else"),
                    Parameter.number(
                            "sv_threshold",
                            Parameter.Level.GLOBAL,
                            1e-5,
                            new Parameter.Range(0, false, Double.MAX_VALUE),
                            "singular values up to this count as none")),
            MethodSpec.BaseRole.ORIGIN,
            1,
            DeltaMerge.MAX_TERMS,
            true,
            Set.of(Companion.MASK));

    @Override
    public MethodSpec spec() {
        return SPEC;
    }

    @Override
    TensorProgram merged(TensorContext context, MatrixShape shape) {
        KnotsTensor tensor = new KnotsTensor(context, shape);
        int passes = KnotsSurvey.passes(context);
        if (passes == 0) {
            return tensor.program(List.of(), 1);
        }
        Needs needs = Needs.NONE.withMatrices(tensor.needs());
        boolean selects = KnotsSurvey.selects(context);
        return new TensorProgram(
                new Step.Surveyed(),
                passes + tensor.program(List.of(), 1).reads(),
                (selects ? needs.withModelPicks(shape.models(), true) : needs).withSums(KnotsTensor.SIGN_SUMS, 0));
    }

    @Override
    public Optional<ModelStep> survey(List<TensorContext> tensors) {
        List<TensorContext> matrices = tensors.stream().filter(MatrixMerge::isMerged).toList();
        return matrices.stream().allMatch(tensor -> KnotsSurvey.passes(tensor) == 0)
                ? Optional.empty()
                : Optional.of(new KnotsSurvey(matrices, this::program).first());
    }

    @Override
    double factor(TensorContext context) {
        return context.globals().number("scaling_coeff");
    }

    /** The coefficients' program. */
    static AlignedCoefficients coefficients(TensorContext context, MatrixShape shape) {
        return new AlignedCoefficients(
                shape, context.globals().number("sv_threshold"), KnotsFormula.thinning(context));
    }
}

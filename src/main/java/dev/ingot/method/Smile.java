// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.matrix.LeadingFactors;
import dev.ingot.matrix.LeadingFactors.Side;
import dev.ingot.matrix.MatrixProgram;
import dev.ingot.matrix.MatrixShape;
import dev.ingot.method.Part.Factor.Kind;
import java.util.List;
import java.util.Optional;

/**
 * SMILE (arXiv 2408.10174): models as low-rank experts beside the base, with routers from singular vectors. The merged model is
 * what all experts share; the experts are factors.
 */
final class Smile extends MatrixMerge {
    private static final Parameter.Range RANK = new Parameter.Range(0, false, Integer.MAX_VALUE);

    private static final MethodSpec SPEC = new MethodSpec(
            "smile",
            "SMILE",
            Optional.of(new MethodSpec.Paper(
                    "SMILE: Zero-Shot Sparse Mixture of Low-Rank Experts Construction From Pre-Trained Foundation Models",
                    "https://arxiv.org/abs/2408.10174")),
            "what low-rank experts share, as a model; the experts and their routers by ingot factors",
            parameters(
                    Others.BASE,
                    Parameter.number(
                            "k",
                            Parameter.Level.GLOBAL,
                            128,
                            RANK,
                            "singular vectors of an expert; 0 keeps the whole change; 16 to 256 is usual"),
                    Parameter.number(
                            "gate_k",
                            Parameter.Level.GLOBAL,
                            1,
                            new Parameter.Range(1, false, Integer.MAX_VALUE),
                            "singular vectors of a router; 1 to 32 is usual"),
                    Parameter.flag(
                            "routing_use_diff",
                            true,
                            "whether routers are vectors of the change, or of the model's values")),
            MethodSpec.BaseRole.ORIGIN,
            1,
            Integer.MAX_VALUE,
            false);

    @Override
    public MethodSpec spec() {
        return SPEC;
    }

    @Override
    public boolean hasFactors() {
        return true;
    }

    @Override
    public List<Part.Factor> factors(TensorContext context, int task) {
        if (!isMerged(context)) {
            return List.of();
        }
        MatrixShape shape = shape(context);
        Part.Factor router = Part.Factor.rows(Kind.ROUTER, context, task, rank(context, shape, "gate_k"));
        int k = rank(context, shape, "k");
        return k == 0
                ? List.of(Part.Factor.difference(context, task), router)
                : List.of(
                        Part.Factor.columns(Kind.UP, context, task, k),
                        Part.Factor.rows(Kind.DOWN, context, task, k),
                        router);
    }

    private static int rank(TensorContext context, MatrixShape shape, String parameter) {
        return Math.min(shape.smaller(), WholeNumber.of(context, parameter));
    }

    @Override
    TensorProgram merged(TensorContext context, MatrixShape shape) {
        return TensorProgram.single(new Step.CopyBase());
    }

    @Override
    TensorProgram factor(TensorContext context, Part.Factor factor) {
        MatrixShape shape = shape(context);
        return switch (factor.kind()) {
            case UP -> stored(new LeadingFactors(shape, factor.task(), rank(context, shape, "k"), Side.LEFT, false));
            case DOWN ->
                stored(new LeadingFactors(shape, factor.task(), rank(context, shape, "k"), Side.SCALED_RIGHT, false));
            case ROUTER -> stored(new LeadingFactors(
                    shape,
                    factor.task(),
                    rank(context, shape, "gate_k"),
                    Side.RIGHT,
                    !context.globals().flag("routing_use_diff")));
            case DIFFERENCE -> difference(context, factor.task());
        };
    }

    private static TensorProgram stored(MatrixProgram program) {
        return new TensorProgram(
                new Step.Matrices(program, facts -> new Step.Store(0)),
                program.reads(),
                Needs.NONE.withMatrices(program.needs()));
    }

    @Override
    double factor(TensorContext context) {
        return 1;
    }
}

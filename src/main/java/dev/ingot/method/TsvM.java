// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.DeltaMerge;
import dev.ingot.matrix.MatrixProgram;
import dev.ingot.matrix.MatrixShape;
import dev.ingot.matrix.TaskSingularVectors;
import java.util.List;
import java.util.Optional;

/** TSV-Merge (Task Singular Vectors, arXiv 2412.00081, algorithm 1). */
final class TsvM extends MatrixMerge {
    /** How the tasks' vectors are made orthogonal to each other. */
    enum Orthogonalise {
        POLAR,
        NONE
    }

    private static final MethodSpec SPEC = new MethodSpec(
            "tsv_m",
            "TSV-Merge",
            Optional.of(new MethodSpec.Paper(
                    "Task Singular Vectors: Reducing Task Interference in Model Merging",
                    "https://arxiv.org/abs/2412.00081")),
            "leading singular vectors of each task, made orthogonal to those of the others",
            parameters(
                    Others.AVERAGE,
                    Parameter.number(
                            "alpha",
                            Parameter.Level.GLOBAL,
                            1,
                            Parameter.Range.ANY,
                            "factor on the merged task vector; 0.5 to 1.5 are usual, the authors search from 0.1 to 3"),
                    Parameter.number(
                            "weight",
                            Parameter.Level.PER_MODEL,
                            1,
                            Parameter.Range.ANY,
                            "factor on a model's task vector"),
                    Parameter.optional(
                            "rank_ratio",
                            Parameter.Level.PER_MODEL,
                            new Parameter.Range(0, false, 1),
                            "share of a task's singular vectors that is kept; where it is not set, one of the number of"
                                    + " models"),
                    Parameter.choice(
                            "orthogonalise",
                            Parameter.Level.GLOBAL,
                            Orthogonalise.class,
                            Orthogonalise.POLAR,
                            "whether the tasks' vectors are made orthogonal to each other, by the polar factor")),
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
        List<Integer> ranks = context.models().stream().map(model -> rank(model, shape)).toList();
        if (ranks.stream().allMatch(rank -> rank == 0)) {
            return TensorProgram.single(new Step.CopyBase());
        }
        boolean orthogonal =
                context.globals().choice("orthogonalise", Orthogonalise.class) == Orthogonalise.POLAR;
        MatrixProgram program =
                new TaskSingularVectors(shape, ranks, weights(context), orthogonal, NO_DIRECTION);
        Step step = new Step.Matrices(program, facts -> new Step.AddProduct(0, (float) factor(context)));
        return TensorProgram.writing(step, program);
    }

    /** Rounded down after a multiplication in float64, as in the authors' program. */
    private static int rank(TensorContext.ModelContext model, MatrixShape shape) {
        return (int) (shape.smaller() * model.parameters().optional("rank_ratio").orElse(1.0 / shape.models()));
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

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.matrix.MatrixProgram;
import dev.ingot.matrix.MatrixShape;
import dev.ingot.matrix.TaskSingularVectors;
import java.util.Optional;

/** TSV-Merge (Task Singular Vectors, arXiv 2412.00081, algorithm 1). */
final class TsvM extends MatrixMerge {
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
                            "alpha", Parameter.Level.GLOBAL, 1, Parameter.Range.ANY, "factor on the merged task vector"),
                    Parameter.number(
                            "weight",
                            Parameter.Level.PER_MODEL,
                            1,
                            Parameter.Range.ANY,
                            "factor on a model's task vector")),
            MethodSpec.BaseRole.ORIGIN,
            1,
            Integer.MAX_VALUE,
            false);

    /** Singular values below this, relative to the largest, are rounding errors. */
    private static final double NO_DIRECTION = 1e-6;

    @Override
    public MethodSpec spec() {
        return SPEC;
    }

    @Override
    TensorProgram merged(TensorContext context, MatrixShape shape) {
        int rank = shape.smaller() / shape.models();
        if (rank == 0) {
            return TensorProgram.single(new Step.CopyBase());
        }
        MatrixProgram program = new TaskSingularVectors(shape, rank, weights(context), NO_DIRECTION);
        Step step = new Step.Matrices(program, facts -> new Step.AddProduct(0, (float) factor(context)));
        return new TensorProgram(step, program.reads() + 1, Needs.NONE.withMatrices(program.needs()));
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

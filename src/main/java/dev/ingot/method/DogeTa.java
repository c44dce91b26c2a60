// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.error.ConfigException;
import dev.ingot.kernel.DeltaMerge;
import dev.ingot.kernel.Formula;
import dev.ingot.kernel.FormulaBuilder;
import dev.ingot.kernel.FormulaBuilder.Value;
import dev.ingot.kernel.Mask;
import dev.ingot.matrix.Adam;
import dev.ingot.matrix.MatrixProgram;
import dev.ingot.matrix.MatrixShape;
import dev.ingot.matrix.ProjectiveDescent;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * DOGE with task arithmetic (Adaptive Projective Gradient Descent, arXiv 2501.01230). A task's mask, its largest elements in all
 * tensors that the method merges, is that of its own task vector; then each tensor gets the correction that all tasks share.
 */
final class DogeTa extends MatrixMerge {
    private static final String DENSITY = "density";

    private static final MethodSpec SPEC = new MethodSpec(
            "doge_ta",
            "DOGE TA",
            Optional.of(new MethodSpec.Paper(
                    "Modeling Multi-Task Model Merging as Adaptive Projective Gradient Descent",
                    "https://arxiv.org/abs/2501.01230")),
            "one correction of all task vectors, found by descent outside of their shared subspace",
            parameters(
                    Others.BASE,
                    Parameter.number(
                            "lambda",
                            Parameter.Level.GLOBAL,
                            0.07,
                            new Parameter.Range(0, true, Double.MAX_VALUE),
                            "norm that each task vector gets in each tensor; the best grows with the tensors' norms"),
                    Parameter.number(
                            DENSITY,
                            Parameter.Level.GLOBAL,
                            0.3,
                            Parameter.Range.FRACTION,
                            "share of a task's elements that are kept, the largest in the whole model"),
                    Parameter.number(
                            "subspace",
                            Parameter.Level.GLOBAL,
                            6,
                            new Parameter.Range(1, false, 1_000_000),
                            "the shared subspace has the rank of the tensor divided by this, rounded down"),
                    Parameter.number(
                            "num_steps",
                            Parameter.Level.GLOBAL,
                            400,
                            new Parameter.Range(0, false, 100_000),
                            "steps of Adam; recommended 200 to 400"),
                    Parameter.number(
                            "learning_rate",
                            Parameter.Level.GLOBAL,
                            1e-4,
                            new Parameter.Range(0, true, Double.MAX_VALUE),
                            "of Adam: about the most that an element moves in a step")),
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
        MatrixProgram descent = descent(context);
        int passes = descent.reads() + 2;
        Needs needs = Needs.NONE.withModelPicks(shape.models(), false).withMatrices(descent.needs());
        return new TensorProgram(new Step.Surveyed(), passes, needs);
    }

    private static MatrixProgram descent(TensorContext tensor) {
        ParameterValues values = tensor.globals();
        return new ProjectiveDescent(
                shape(tensor),
                values.number("lambda"),
                WholeNumber.of(tensor, "subspace"),
                WholeNumber.of(tensor, "num_steps"),
                Adam.of(values.number("learning_rate")),
                NO_DIRECTION);
    }

    @Override
    public Optional<ModelStep> survey(List<TensorContext> tensors) {
        List<TensorContext> matrices = tensors.stream().filter(MatrixMerge::isMerged).toList();
        if (matrices.isEmpty()) {
            return Optional.empty();
        }
        SameModels.check(
                matrices,
                "which have to be compared as a whole",
                "leave the tensor out (matrices: base, by a filter on its name), or complete the models");
        TensorContext any = matrices.getFirst();
        int models = any.models().size();
        double density = any.globals().number(DENSITY);
        for (TensorContext tensor : matrices) {
            if (tensor.globals().number(DENSITY) != density) {
                throw new ConfigException(
                        "doge_ta: tensors " + any.name() + " and " + tensor.name() + " differ in density",
                        "give one density for all tensors");
            }
        }
        long elements = matrices.stream().mapToLong(TensorContext::elements).sum();
        // As in the authors' program, all that is at least as large as the element after the last one wanted.
        long keep = Math.min(elements, (long) (elements * density) + 1);
        List<Score> scores = IntStream.range(0, models).<Score>mapToObj(Score.Delta::new).toList();
        return Optional.of(new ModelStep.Select(
                tensor -> isMerged(tensor) ? scores : List.of(),
                Collections.nCopies(models, keep),
                cutoffs -> new ModelStep.Programs(
                        tensor -> isMerged(tensor) ? corrected(tensor, cutoffs) : program(tensor))));
    }

    private static TensorProgram corrected(TensorContext tensor, List<Cutoff> cutoffs) {
        return TensorProgram.single(new Step.Matrices(descent(tensor), lambdas -> {
            FormulaBuilder formula = new FormulaBuilder(true, 0);
            FurtherInputs further = new FurtherInputs(tensor, formula);
            Formula merged = merged(formula, further.product(0), cutoffs, lambdas);
            return new Step.Compute(merged, further.inputs());
        }));
    }

    /** The base plus the sum of the tasks' elements in their masks. */
    private static Formula merged(FormulaBuilder formula, Value correction, List<Cutoff> cutoffs, double[] lambdas) {
        Value zero = formula.constant(0);
        Value sum = zero;
        for (int task = 0; task < lambdas.length; task++) {
            Mask.Magnitude mask = cutoffs.get(task).atLeast().magnitude();
            Value delta = formula.delta(task);
            Value part = formula.mul(lambdas[task], formula.add(delta, correction));
            sum = formula.add(sum, formula.select(formula.largest(mask, delta), part, zero));
        }
        return formula.output(formula.add(formula.base(), sum)).build();
    }

    @Override
    double factor(TensorContext context) {
        return 1;
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.DeltaMerge;
import dev.ingot.kernel.FormulaBuilder;
import dev.ingot.kernel.FormulaBuilder.Value;
import dev.ingot.kernel.Mask;
import dev.ingot.method.Parameter.Level;
import dev.ingot.method.Parameter.Range;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Magnitude masking, a baseline of TALL-masks (arXiv 2405.07813): of the sum of all task vectors, the elements that are among the
 * largest of one task's own in the whole model.
 */
final class MagnitudeMask implements MergeMethod {
    private static final String DENSITY = "density";

    private static final MethodSpec SPEC = new MethodSpec(
            "mag_masking",
            "Magnitude Masking",
            Optional.of(new MethodSpec.Paper(
                    "Localizing Task Information for Improved Model Merging and Compression",
                    "https://arxiv.org/abs/2405.07813")),
            "of the sum of task vectors, the elements that are largest in one of them",
            List.of(
                    MaskedVector.TASK_FLAG,
                    MaskedVector.TASK_INDEX,
                    Parameter.number(DENSITY, Level.PER_MODEL, 0.1, Range.FRACTION, "share of the model's elements in the mask")),
            MethodSpec.BaseRole.ORIGIN,
            1,
            DeltaMerge.MAX_TERMS,
            false);

    @Override
    public MethodSpec spec() {
        return SPEC;
    }

    @Override
    public boolean hasMasks() {
        return true;
    }

    @Override
    public TensorProgram program(TensorContext context) {
        int picks = tasks(context).size();
        Needs needs = context.part().isSurveyed() ? Needs.NONE.withModelPicks(picks, false) : Needs.NONE;
        return new TensorProgram(new Step.Surveyed(), context.part().isSurveyed() ? 2 : 1, needs);
    }

    /** The tasks whose masks are wanted. */
    private static List<Integer> tasks(TensorContext context) {
        return context.part() instanceof Part.Model
                ? List.of(MaskedVector.task(context))
                : IntStream.range(0, context.models().size()).boxed().toList();
    }

    @Override
    public Optional<ModelStep> survey(List<TensorContext> tensors) {
        if (tensors.isEmpty()) {
            return Optional.empty();
        }
        MaskedVector.checkAgreement(tensors);
        TensorContext any = tensors.getFirst();
        List<Integer> tasks = tasks(any);
        long elements = tensors.stream().mapToLong(TensorContext::elements).sum();
        List<Score> scores = tasks.stream().<Score>map(Score.Delta::new).toList();
        List<Long> keeps = new ArrayList<>();
        for (int task : tasks) {
            // As in the authors' program, all that is at least as large as the element after the last one wanted.
            double density = any.models().get(task).parameters().number(DENSITY);
            keeps.add(Math.min(elements, (long) (elements * density) + 1));
        }
        return Optional.of(new ModelStep.Select(tensor -> scores, keeps, cutoffs -> new ModelStep.Programs(tensor ->
                TensorProgram.single(new MaskedVector(
                                sum(tensor.models().size()),
                                (formula, vector, task) -> formula.largest(
                                        magnitude(cutoffs.get(tasks.indexOf(task))), formula.delta(task)))
                        .step(tensor, 1)))));
    }

    private static Mask.Magnitude magnitude(Cutoff cutoff) {
        return cutoff.atLeast().magnitude();
    }

    private static Function<FormulaBuilder, Value> sum(int models) {
        return formula -> {
            Value sum = formula.delta(0);
            for (int i = 1; i < models; i++) {
                sum = formula.add(sum, formula.delta(i));
            }
            return sum;
        };
    }
}

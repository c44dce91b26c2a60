// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.DeltaMerge;
import dev.ingot.kernel.Formula;
import dev.ingot.kernel.FormulaBuilder;
import dev.ingot.kernel.FormulaBuilder.Value;
import dev.ingot.method.Parameter.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * EMR-Merging (arXiv 2405.17461): elects a sign for every element, takes the largest delta of that sign for all tasks, and gives
 * each task a mask of the elements it agrees with and a factor that restores its mean magnitude.
 */
final class Emr implements MergeMethod {
    /** Name of the factors among the findings of a run. */
    static final String RESCALERS = "rescalers";

    /** How magnitudes of tensors become one of the model. */
    enum Rescale {
        /** Every tensor's mean counts alike, as in the authors' main program. */
        TENSOR_MEAN,
        /** Every element counts alike: the paper's formula, and the authors' program for 30 tasks. */
        GLOBAL
    }

    private static final MethodSpec SPEC = new MethodSpec(
            "emr",
            "EMR-Merging",
            Optional.of(new MethodSpec.Paper(
                    "EMR-Merging: Tuning-Free High-Performance Model Merging", "https://arxiv.org/abs/2405.17461")),
            "rebuild one task from a unified vector, its mask and its rescaler",
            List.of(
                    MaskedVector.TASK_FLAG,
                    MaskedVector.TASK_INDEX,
                    Parameter.choice(
                            "rescale",
                            Level.GLOBAL,
                            Rescale.class,
                            Rescale.TENSOR_MEAN,
                            "whether the rescalers' means count tensors alike or elements")),
            MethodSpec.BaseRole.ORIGIN,
            1,
            Math.min(DeltaMerge.MAX_TERMS, Formula.MAX_RESULTS / 2),
            false);

    /** The largest magnitude of the elected sign, with that sign. A sum of zero elects minus. */
    private static Value unified(FormulaBuilder formula, int models) {
        Value sum = formula.delta(0);
        for (int i = 1; i < models; i++) {
            sum = formula.add(sum, formula.delta(i));
        }
        Value sign = direction(formula, sum);
        Value most = formula.constant(0);
        for (int i = 0; i < models; i++) {
            most = formula.max(formula.mul(formula.delta(i), sign), most);
        }
        return formula.mul(most, sign);
    }

    /** 1 where a value is above zero, -1 elsewhere. */
    private static Value direction(FormulaBuilder formula, Value value) {
        return formula.select(value, formula.constant(1), formula.constant(-1));
    }

    /** Whether a task's delta has the elected sign. Where the unified vector is zero, no delta has. */
    private static Value agrees(FormulaBuilder formula, Value unified, int task) {
        return formula.greater(
                formula.mul(formula.delta(task), direction(formula, unified)), formula.constant(0));
    }

    /** Results: for each task the sums of its magnitudes and of those of its share of the unified vector. */
    private static Formula magnitudes(int models) {
        FormulaBuilder formula = new FormulaBuilder(true, 0);
        Value unified = unified(formula, models);
        for (int i = 0; i < models; i++) {
            formula.sum(formula.abs(formula.delta(i)));
            formula.sum(formula.select(agrees(formula, unified, i), formula.abs(unified), formula.constant(0)));
        }
        return formula.build();
    }

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
        if (context.part() instanceof Part.Model) {
            MaskedVector.task(context);
        }
        Needs needs = Needs.NONE.withSums(2 * context.models().size(), 0);
        return new TensorProgram(new Step.Surveyed(), context.part().isSurveyed() ? 2 : 1, needs);
    }

    @Override
    public Optional<ModelStep> survey(List<TensorContext> tensors) {
        if (tensors.isEmpty()) {
            return Optional.empty();
        }
        MaskedVector.checkAgreement(tensors);
        int models = tensors.getFirst().models().size();
        return Optional.of(new ModelStep.Survey(
                tensor -> TensorProgram.single(new Step.Evaluate(
                        magnitudes(models),
                        found -> new Step.Report(IntStream.range(0, 2 * models)
                                .mapToDouble(found::value)
                                .toArray()))),
                facts -> {
                    List<Double> rescalers = rescalers(facts, models);
                    return new ModelStep.Programs(
                            tensor -> TensorProgram.single(step(tensor, rescalers)), Map.of(RESCALERS, rescalers));
                }));
    }

    private static Step step(TensorContext tensor, List<Double> rescalers) {
        double factor = tensor.part() instanceof Part.Model ? rescalers.get(MaskedVector.task(tensor)) : 1;
        return new MaskedVector(formula -> unified(formula, rescalers.size()), Emr::agrees).step(tensor, factor);
    }

    /** One factor per task, in float32 as it is used; 1 where a task agrees with no element. */
    private static List<Double> rescalers(List<TensorFacts> facts, int models) {
        boolean byTensor =
                facts.getFirst().tensor().globals().choice("rescale", Rescale.class) == Rescale.TENSOR_MEAN;
        List<Double> rescalers = new ArrayList<>();
        for (int task = 0; task < models; task++) {
            double own = 0;
            double kept = 0;
            for (TensorFacts tensor : facts) {
                double elements = byTensor ? Math.max(1, tensor.tensor().elements()) : 1;
                own += tensor.values()[2 * task] / elements;
                kept += tensor.values()[2 * task + 1] / elements;
            }
            rescalers.add(kept > 0 ? (double) (float) (own / kept) : 1);
        }
        return rescalers;
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.error.ConfigException;
import java.util.List;
import java.util.function.Function;

/**
 * What {@link Knots} learns of the model as a whole: how many coefficients there are, which magnitudes trimming keeps, and which
 * sign sums of zero elect. Each pass decomposes the tensors again, as nothing is held of them between passes.
 */
final class KnotsSurvey {
    private static final double PERCENT = 100;

    /** Passes of a selection: a sample, and a scan. */
    private static final int SELECTION = 2;

    private final List<TensorContext> tensors;
    private final Function<TensorContext, TensorProgram> others;

    /**
     * @param tensors all that are merged in a common basis
     * @param others  how to compute the others
     */
    KnotsSurvey(List<TensorContext> tensors, Function<TensorContext, TensorProgram> others) {
        this.tensors = tensors;
        this.others = others;
    }

    /** How many passes a tensor takes in the usual case before it is merged. */
    static int passes(TensorContext tensor) {
        return (selects(tensor) ? 1 + SELECTION : 0) + (byMajority(tensor) ? 1 : 0);
    }

    /** Whether the largest coefficients are selected. */
    static boolean selects(TensorContext tensor) {
        return tensor.globals().number("top_k") < PERCENT;
    }

    private static boolean byMajority(TensorContext tensor) {
        return tensor.globals().choice("zero_sign", Knots.ZeroSign.class) == Knots.ZeroSign.MAJORITY
                && tensor.globals().choice("sign_resolve_mode", Knots.SignResolveMode.class)
                        == Knots.SignResolveMode.SUM_OF_VALUES;
    }

    /**
     * The first step.
     *
     * @throws ConfigException if the tensors do not agree in what the model as a whole must have one value of
     */
    ModelStep first() {
        if (tensors.stream().anyMatch(KnotsSurvey::selects)) {
            SameModels.check(
                    tensors,
                    "which have to be compared as a whole",
                    "leave the tensor out (matrices: base, by a filter on its name), or complete the models");
        }
        tensors.forEach(this::checkAgreement);
        return selects(tensors.getFirst())
                ? survey(KnotsTensor::count, facts -> select((long) TensorFacts.total(facts, 0)))
                : majority(List.of());
    }

    private void checkAgreement(TensorContext tensor) {
        TensorContext first = tensors.getFirst();
        for (String name : List.of("top_k", "sign_resolve_mode", "zero_sign")) {
            if (!tensor.globals().all().get(name).equals(first.globals().all().get(name))) {
                throw new ConfigException(
                        name + " differs between tensors " + first.name() + " and " + tensor.name()
                                + ", but belongs to the model as a whole",
                        "give one " + name + " for all tensors; matrices: base leaves tensors out");
            }
        }
    }

    /** @param coefficients how many each model has */
    private ModelStep select(long coefficients) {
        if (coefficients == 0) {
            return programs(List.of(), 1);
        }
        TensorContext first = tensors.getFirst();
        // The authors keep what is not below the element in this place, which is one more than the share says.
        long kept = (long) (coefficients * (first.globals().number("top_k") / PERCENT)) + 1;
        List<Long> keeps = first.models().stream().map(model -> Math.min(coefficients, kept)).toList();
        return new ModelStep.Select(
                tensor -> MatrixMerge.isMerged(tensor) ? new KnotsTensor(tensor).scores() : List.of(),
                keeps,
                this::majority);
    }

    private ModelStep majority(List<Cutoff> cutoffs) {
        if (!byMajority(tensors.getFirst())) {
            return programs(cutoffs, 1);
        }
        return survey(tensor -> tensor.signs(cutoffs), facts -> {
            int sign = (int) Math.signum(TensorFacts.total(facts, 0));
            return programs(cutoffs, TensorFacts.total(facts, 1) > 0 ? sign : 1);
        });
    }

    private ModelStep programs(List<Cutoff> cutoffs, int majority) {
        return new ModelStep.Programs(tensor -> MatrixMerge.isMerged(tensor)
                ? new KnotsTensor(tensor).program(cutoffs, majority)
                : others.apply(tensor));
    }

    /** A pass in which the tensors that are merged report. */
    private static ModelStep survey(
            Function<KnotsTensor, TensorProgram> programs, Function<List<TensorFacts>, ModelStep> then) {
        return new ModelStep.Survey(
                tensor -> MatrixMerge.isMerged(tensor)
                        ? programs.apply(new KnotsTensor(tensor))
                        : TensorProgram.single(new Step.Report()),
                facts -> then.apply(facts.stream()
                        .filter(fact -> MatrixMerge.isMerged(fact.tensor()))
                        .toList()));
    }
}

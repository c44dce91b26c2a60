// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A merge of task vectors that is put together from a {@link Composition}'s choices. */
class Composed implements MergeMethod {
    private final MethodSpec spec;
    private final ParameterValues fixed;

    /** @param fixed values of the parameters that the specification does not offer, global ones and those of models alike */
    Composed(MethodSpec spec, ParameterValues fixed) {
        this.spec = spec;
        this.fixed = fixed;
    }

    @Override
    public final MethodSpec spec() {
        return spec;
    }

    @Override
    public Map<String, String> composition() {
        return fixed.choices();
    }

    @Override
    public final TensorProgram program(TensorContext given) {
        TensorContext context = completed(given);
        check(context);
        if (!Composition.included(context)) {
            return TensorProgram.single(step(context, ModelFacts.unknown(context.models().size())));
        }
        new TensorThinning(context, ModelFacts.unknown(context.models().size())).check();
        ModelFacts unknown = ModelFacts.unknown(context.models().size());
        ComposedSurvey survey = new ComposedSurvey(List.of(given), this::completed, this::step);
        // Masks go by what was found out when the vector was asked for.
        int first = context.part().isSurveyed() ? survey.thresholdPasses() : 0;
        int later = context.part().isSurveyed() ? survey.passes() - first : 0;
        Step step = survey.passes() > 0 ? new Step.Surveyed() : step(context, unknown);
        return new ComposedTensor(context, unknown).cost(first, later, step);
    }

    @Override
    public final Optional<ModelStep> survey(List<TensorContext> tensors) {
        checkAll(tensors.stream().map(this::completed).filter(Composition::included).toList());
        return tensors.isEmpty()
                ? Optional.empty()
                : new ComposedSurvey(tensors, this::completed, this::step).first();
    }

    /** Refuses parameters that make no sense together. */
    void check(TensorContext context) {}

    /** Refuses tensors that do not agree where they must. */
    void checkAll(List<TensorContext> included) {}

    /** The steps that compute a tensor when the model as a whole is known. */
    Step step(TensorContext context, ModelFacts facts) {
        return new ComposedTensor(context, facts).merge();
    }

    /** The context with the values that are fixed. */
    private TensorContext completed(TensorContext context) {
        List<TensorContext.ModelContext> models = context.models().stream()
                .map(model -> model.with(completed(model.parameters())))
                .toList();
        // The numbers of the run's sequence can be read once, these as often as passes ask for them.
        return context.with(models, completed(context.globals())).withRandom(new Randomness.Keyed(context.seed()));
    }

    private ParameterValues completed(ParameterValues given) {
        Map<String, Double> values = new TreeMap<>(fixed.values());
        values.putAll(given.values());
        Map<String, String> choices = new TreeMap<>(fixed.choices());
        choices.putAll(given.choices());
        return new ParameterValues(values, choices);
    }
}

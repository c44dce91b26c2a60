// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.error.ConfigException;
import dev.ingot.kernel.FormulaBuilder;
import dev.ingot.kernel.FormulaBuilder.Value;
import dev.ingot.method.Composition.Boundary;
import dev.ingot.method.Composition.Elect;
import dev.ingot.method.Composition.Scale;
import dev.ingot.method.Composition.Scope;
import dev.ingot.method.Composition.Sparsify;
import dev.ingot.method.Composition.ZeroSign;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What a composed merge has to learn of the model as a whole, in this order: thresholds, norms, majority, scale. */
final class ComposedSurvey {
    private static final String TO_COMPARE = "which have to be compared as a whole";
    private static final String COMPLETE =
            "leave the tensor out (include: false, by a filter on its name), or complete the models";

    private final List<TensorContext> included;
    private final TensorContext model;
    private final int models;
    private final UnaryOperator<TensorContext> completed;
    private final BiFunction<TensorContext, ModelFacts, Step> last;

    /**
     * @param tensors   all that are merged
     * @param completed gives their parameters the values that are fixed
     * @param last      computes a tensor when everything is known
     */
    ComposedSurvey(
            List<TensorContext> tensors,
            UnaryOperator<TensorContext> completed,
            BiFunction<TensorContext, ModelFacts, Step> last) {
        this.completed = completed;
        this.last = last;
        List<TensorContext> all = tensors.stream().map(completed).toList();
        List<TensorContext> merged = all.stream().filter(Composition::included).toList();
        this.included = merged.isEmpty() ? all.subList(0, 1) : merged;
        this.model = included.getFirst();
        this.models = model.models().size();
    }

    /** How many passes it takes; all tensors that are merged alike take as many. */
    int passes() {
        return stages().stream().mapToInt(Stage::passes).sum();
    }

    /** How many of them find out how task vectors are thinned. */
    int thresholdPasses() {
        boolean selects = Composition.scope(model) == Scope.MODEL && !trimmed().isEmpty();
        int energetic = thinnedBy(Sparsify.ENERGY).size();
        return (selects ? 1 : 0)
                + (thinnedBy(Sparsify.MASK).isEmpty() ? 0 : 1)
                + (thinnedBy(Sparsify.DEVIATION).isEmpty() ? 0 : 1)
                + (energetic == 0 ? 0 : EnergySearch.passes(energetic));
    }

    /** Passes after which more is known. */
    private record Stage(int passes, Learner learner) {}

    /** Learns something and goes on with it. */
    @FunctionalInterface
    private interface Learner {
        ModelStep learn(ModelFacts known, Function<ModelFacts, ModelStep> then);
    }

    /** Whether something is learnt of single models: thresholds, norms. Other facts go for any. */
    private boolean isByModel() {
        return thresholdPasses() > 0 || isByShare();
    }

    private boolean isByShare() {
        Elect elect = Composition.elect(model);
        return elect == Elect.NORMFRAC || elect == Elect.NORMMASS;
    }

    private List<Stage> stages() {
        Elect elect = Composition.elect(model);
        boolean byMajority = elect != Elect.NONE && Composition.zeroSign(model) == ZeroSign.MAJORITY;
        boolean byLayer = Composition.scale(model) == Scale.LINES
                && model.globals().optional("lines_alpha").isEmpty();
        return List.of(
                new Stage(thresholdPasses(), this::thresholds),
                new Stage(isByShare() ? 1 : 0, this::norms),
                new Stage(byMajority ? 1 : 0, this::majority),
                new Stage(byLayer ? 1 : 0, this::shallow));
    }

    /**
     * The first step; empty if nothing is to be learnt.
     *
     * @throws ConfigException if the tensors do not agree in what the model as a whole must have one value of
     */
    Optional<ModelStep> first() {
        boolean surveyed = included.stream()
                .anyMatch(tensor -> new ComposedSurvey(List.of(tensor), UnaryOperator.identity(), last).passes() > 0);
        if (!surveyed) {
            return Optional.empty();
        }
        if (isByModel()) {
            SameModels.check(included, TO_COMPARE, COMPLETE);
        }
        included.forEach(this::checkAgreement);
        List<Learner> learners =
                stages().stream().filter(stage -> stage.passes() > 0).map(Stage::learner).toList();
        return Optional.of(step(learners, ModelFacts.unknown(models)));
    }

    private ModelStep step(List<Learner> learners, ModelFacts known) {
        return learners.isEmpty()
                ? new ModelStep.Programs(
                        tensor -> TensorProgram.single(last.apply(completed.apply(tensor), known)))
                : learners.getFirst().learn(known, facts -> step(learners.subList(1, learners.size()), facts));
    }

    private void checkAgreement(TensorContext tensor) {
        if (tensor.models().size() != models) {
            throw new ConfigException("tensor " + tensor.name() + " is missing in some models, " + TO_COMPARE, COMPLETE);
        }
        for (String name : Composition.MODEL_WIDE) {
            check(name, tensor, tensor.globals(), model.globals());
        }
        for (int i = 0; i < models; i++) {
            ParameterValues here = tensor.models().get(i).parameters();
            ParameterValues there = model.models().get(i).parameters();
            List<String> names = new ArrayList<>(Composition.modelWide(model.models().get(i), Composition.scope(model)));
            names.addAll(Composition.modelWide(tensor.models().get(i), Composition.scope(tensor)));
            for (String name : names) {
                check(name, tensor, here, there);
            }
        }
    }

    private void check(String name, TensorContext tensor, ParameterValues here, ParameterValues there) {
        if (!Objects.equals(here.all().get(name), there.all().get(name))) {
            throw new ConfigException(
                    name + " differs between tensors " + model.name() + " and " + tensor.name()
                            + ", but belongs to the model as a whole",
                    "give one " + name + " for all tensors; include: false leaves tensors out");
        }
    }

    /** Finds out what is left of the task vectors. */
    private ModelStep thresholds(ModelFacts unknown, Function<ModelFacts, ModelStep> then) {
        return masks(unknown, known ->
                largest(known, new ArrayList<>(Collections.nCopies(models, Optional.empty())), found ->
                        spread(found, all -> energetic(all, thinned -> then.apply(known.withThinned(thinned))))));
    }

    /** Means of masks, tensor by tensor. */
    private ModelStep masks(ModelFacts known, Function<ModelFacts, ModelStep> then) {
        return thinnedBy(Sparsify.MASK).isEmpty()
                ? then.apply(known)
                : new ModelStep.Survey(
                        given -> TensorProgram.single(maskSums(completed.apply(given))),
                        facts -> then.apply(known.withMasks(facts.stream()
                                .collect(Collectors.toMap(tensor -> tensor.tensor().name(), TensorFacts::values)))));
    }

    private static Step maskSums(TensorContext tensor) {
        FormulaBuilder formula = new FormulaBuilder(true, 0);
        for (TensorContext.ModelContext model : tensor.models()) {
            formula.sum(model.mask().isPresent() ? formula.model(model.mask().getAsInt()) : formula.constant(0));
        }
        double elements = Math.max(1, tensor.elements());
        return new Step.Evaluate(formula.build(), found -> new Step.Report(IntStream.range(0, tensor.models().size())
                .mapToDouble(model -> found.total(model) / elements)
                .toArray()));
    }

    private List<Integer> trimmed() {
        return IntStream.range(0, models)
                .filter(i -> Composition.trims(model.models().get(i)))
                .boxed()
                .toList();
    }

    private List<Integer> thinnedBy(Sparsify sparsify) {
        return IntStream.range(0, models)
                .filter(i -> Composition.sparsify(model.models().get(i)) == sparsify)
                .filter(i -> !Composition.keepsAll(model.models().get(i)))
                .boxed()
                .toList();
    }

    private ModelStep largest(
            ModelFacts facts, List<Optional<Thinned>> known, Function<List<Optional<Thinned>>, ModelStep> then) {
        if (Composition.scope(model) != Scope.MODEL) {
            return then.apply(known);
        }
        long elements = included.stream().mapToLong(TensorContext::elements).sum();
        Boundary boundary = Composition.boundary(model);
        List<Integer> picked = new ArrayList<>();
        List<Long> keeps = new ArrayList<>();
        for (int i : trimmed()) {
            long rank = Composition.rank(model.models().get(i), boundary, elements);
            if (rank > 0) {
                picked.add(i);
                keeps.add(rank);
            } else {
                known.set(i, Optional.of(Thinned.NOTHING));
            }
        }
        if (picked.isEmpty()) {
            return then.apply(known);
        }
        return new ModelStep.Select(tensor -> scores(completed.apply(tensor), facts, picked), keeps, found -> {
            for (int i = 0; i < picked.size(); i++) {
                Cutoff cutoff = found.get(i);
                Selection selection = boundary == Boundary.ABOVE ? cutoff.above() : cutoff.atLeast();
                known.set(picked.get(i), Optional.of(Thinned.of(selection)));
            }
            return then.apply(known);
        });
    }

    private static List<Score> scores(TensorContext tensor, ModelFacts facts, List<Integer> picked) {
        TensorThinning thinning = new TensorThinning(tensor, facts);
        return Composition.included(tensor) ? picked.stream().map(thinning::score).toList() : List.of();
    }

    /** Keeps |x - mean| above some sample standard deviations. */
    private ModelStep spread(List<Optional<Thinned>> known, Function<List<Optional<Thinned>>, ModelStep> then) {
        List<Integer> picked = thinnedBy(Sparsify.DEVIATION);
        if (picked.isEmpty()) {
            return then.apply(known);
        }
        return sums(
                (formula, tensor) -> picked.forEach(i ->
                        formula.sum(formula.delta(i)).sumOfProducts(formula.delta(i), formula.delta(i))),
                2 * picked.size(),
                sums -> {
                    double n = included.stream().mapToLong(TensorContext::elements).sum();
                    for (int place = 0; place < picked.size(); place++) {
                        double mean = sums[2 * place] / n;
                        double variance = (sums[2 * place + 1] - n * mean * mean) / (n - 1);
                        double least = Math.sqrt(Math.max(0, variance))
                                * model.models().get(picked.get(place)).parameters().number("deviations");
                        known.set(picked.get(place), Optional.of(Thinned.where((inputs, i, delta) -> {
                            FormulaBuilder formula = inputs.formula();
                            Value distance = formula.abs(formula.sub(delta, formula.constant(mean)));
                            return formula.greater(distance, formula.constant(least));
                        })));
                    }
                    return then.apply(known);
                });
    }

    private ModelStep energetic(List<Optional<Thinned>> known, Function<List<Optional<Thinned>>, ModelStep> then) {
        List<Integer> picked = thinnedBy(Sparsify.ENERGY);
        if (picked.isEmpty()) {
            return then.apply(known);
        }
        List<Double> shares = picked.stream()
                .map(i -> model.models().get(i).parameters().number("energy"))
                .toList();
        return new EnergySearch(picked, shares, this::sums).first(thresholds -> {
            for (int i = 0; i < picked.size(); i++) {
                known.set(picked.get(i), Optional.of(Thinned.of(new Cutoff(thresholds[i]).atLeast())));
            }
            return then.apply(known);
        });
    }

    /** Sums over the whole task vectors, before anything is trimmed. */
    private ModelStep sums(
            EnergySearch.Formulas formulas, int results, Function<double[], ModelStep> then) {
        return survey(
                tensor -> {
                    FormulaBuilder formula = new FormulaBuilder(true, 0);
                    formulas.add(formula, tensor);
                    return new Step.Evaluate(formula.build(), found -> report(found, results));
                },
                results,
                then);
    }

    /** Sums over the thinned task vectors. */
    private ModelStep thinnedSums(
            ModelFacts known,
            BiFunction<ComposedTensor, List<Thinned>, FurtherInputs> formula,
            int results,
            Function<double[], ModelStep> then) {
        return survey(
                tensor -> {
                    ComposedTensor composed = new ComposedTensor(tensor, known);
                    return composed.thin(thinned -> ComposedTensor.evaluate(
                            formula.apply(composed, thinned), found -> report(found, results)));
                },
                results,
                then);
    }

    private ModelStep survey(
            Function<TensorContext, Step> first, int results, Function<double[], ModelStep> then) {
        return new ModelStep.Survey(
                given -> {
                    TensorContext tensor = completed.apply(given);
                    return TensorProgram.single(
                            Composition.included(tensor) ? first.apply(tensor) : new Step.Report(new double[results]));
                },
                facts -> {
                    double[] totals = new double[results];
                    for (int i = 0; i < results; i++) {
                        totals[i] = TensorFacts.total(facts, i);
                    }
                    return then.apply(totals);
                });
    }

    private static Step report(Evaluation found, int results) {
        return new Step.Report(IntStream.range(0, results).mapToDouble(found::total).toArray());
    }

    private ModelStep norms(ModelFacts known, Function<ModelFacts, ModelStep> then) {
        return thinnedSums(
                known,
                ComposedTensor::squares,
                models,
                norms -> then.apply(known.withNorms(norms)));
    }

    private ModelStep majority(ModelFacts known, Function<ModelFacts, ModelStep> then) {
        return thinnedSums(
                known,
                ComposedTensor::signs,
                2,
                sums -> then.apply(known.withMajority((int) Math.signum(sums[0]), sums[1] > 0)));
    }

    /** LiNeS for several tasks: the first layer gets 1 / N of what the plain sum would give it (arXiv 2410.17146, section 4). */
    private ModelStep shallow(ModelFacts known, Function<ModelFacts, ModelStep> then) {
        return thinnedSums(
                known,
                ComposedTensor::norms,
                2,
                sums -> then.apply(known.withShallow(sums[1] == 0 ? 1 : sums[0] / sums[1] / models)));
    }
}

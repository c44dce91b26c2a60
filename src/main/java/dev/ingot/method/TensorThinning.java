// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.error.ConfigException;
import dev.ingot.kernel.BandMask;
import dev.ingot.kernel.FormulaBuilder;
import dev.ingot.kernel.FormulaBuilder.Value;
import dev.ingot.kernel.Mask;
import dev.ingot.method.Composition.Probability;
import dev.ingot.method.Composition.Scope;
import dev.ingot.method.Composition.Sparsify;
import dev.ingot.method.Composition.Then;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** How the task vectors of one tensor are thinned, as far as that is decided in the tensor. */
final class TensorThinning {
    private final TensorContext context;
    private final ModelFacts facts;
    private final Scope scope;

    TensorThinning(TensorContext context, ModelFacts facts) {
        this.context = context;
        this.facts = facts;
        this.scope = Composition.scope(context);
    }

    /**
     * What is left of one task vector.
     *
     * @param picks what has to be selected
     * @param of    gets the selections
     * @param band  which ranks of each row are kept, if it is these
     */
    private record Plan(
            List<Step.Pick> picks, Function<List<Selection>, Thinned> of, Optional<Step.Band> band) {
        Plan(List<Step.Pick> picks, Function<List<Selection>, Thinned> of) {
            this(picks, of, Optional.empty());
        }

        static Plan known(Thinned thinned) {
            return new Plan(List.of(), found -> thinned);
        }

        static Plan of(TensorContext.ModelContext model, BandMask mask) {
            return mask.first() < mask.end()
                    ? new Plan(List.of(), found -> Thinned.NOTHING, Optional.of(new Step.Band(model.position(), mask)))
                    : known(Thinned.NOTHING);
        }
    }

    /**
     * Refuses parameters that make no sense for the tensor.
     *
     * @throws ConfigException if there are some
     */
    void check() {
        for (TensorContext.ModelContext model : context.models()) {
            if (Composition.keepsAll(model)) {
                continue;
            }
            switch (Composition.sparsify(model)) {
                case RANKED -> {
                    checkNothingFollows(model);
                    RandomThinning.checkRanked(context, model);
                }
                case OUTLIERS -> {
                    checkNothingFollows(model);
                    if (scope == Scope.MODEL) {
                        throw new ConfigException(
                                "sparsify: outliers has no scope: model", "choose scope: row or scope: tensor");
                    }
                }
                default -> {}
            }
            if (scope == Scope.ROW
                    && (Composition.trims(model) || Composition.sparsify(model) == Sparsify.OUTLIERS)) {
                RowRanks.checkedRow(context);
            }
        }
    }

    /** The passes that find out what is left of each task vector. */
    Step step(Function<List<Thinned>, Step> then) {
        if (!readsSpans()) {
            return select(Optional.empty(), then);
        }
        RowSpans.Places spans = new RowSpans.Places(context, ranked());
        return new Step.Evaluate(spans.formula(), found -> select(Optional.of(spans.found(found)), then));
    }

    private Step select(Optional<RowSpans> spans, Function<List<Thinned>, Step> then) {
        List<Plan> plans =
                context.models().stream().map(model -> plan(model, spans)).toList();
        List<Step.Band> bands = plans.stream().flatMap(plan -> plan.band().stream()).toList();
        if (bands.isEmpty()) {
            return select(plans, then);
        }
        return new Step.BandMasks(bands, context.rowLength(), masks -> {
            Iterator<Mask.Bits> next = masks.iterator();
            return select(
                    plans.stream()
                            .map(plan -> plan.band().isPresent() ? Plan.known(Thinned.of(next.next())) : plan)
                            .toList(),
                    then);
        });
    }

    private static Step select(List<Plan> plans, Function<List<Thinned>, Step> then) {
        Function<List<Selection>, Step> selected = found -> {
            List<Thinned> all = new ArrayList<>();
            int next = 0;
            for (Plan plan : plans) {
                int end = next + plan.picks().size();
                all.add(plan.of().apply(found.subList(next, end)));
                next = end;
            }
            return then.apply(all);
        };
        List<Step.Pick> picks = plans.stream().flatMap(plan -> plan.picks().stream()).toList();
        return picks.isEmpty() ? selected.apply(List.of()) : new Step.Select(picks, selected);
    }

    private Plan plan(TensorContext.ModelContext model, Optional<RowSpans> spans) {
        if (Composition.keepsAll(model)) {
            return Plan.known(Thinned.WHOLE);
        }
        return switch (Composition.sparsify(model)) {
            case NONE -> Plan.known(Thinned.WHOLE);
            case DEVIATION, ENERGY -> Plan.known(ofModel(model));
            case MAGNITUDE -> largest(model, Thinned.WHOLE);
            case RANDOM, MASK -> Composition.trims(model)
                    ? largest(model, firstStage(model))
                    : Plan.known(firstStage(model));
            case RANKED -> Plan.known(RandomThinning.ranked(context, model, spans));
            case OUTLIERS -> outliers(model);
        };
    }

    private Thinned ofModel(TensorContext.ModelContext model) {
        // Until the model has been surveyed the program is only counted.
        return facts.thinned().get(model.position()).orElse(Thinned.NOTHING);
    }

    /** The largest elements of what is left. */
    private Plan largest(TensorContext.ModelContext model, Thinned left) {
        long n = context.elements();
        switch (scope) {
            case MODEL -> {
                return Plan.known(left.then(ofModel(model)));
            }
            case ROW -> {
                long row = RowRanks.checkedRow(context);
                long kept = Composition.kept(model, row);
                return left.equals(Thinned.WHOLE)
                        ? Plan.of(model, new BandMask(0, kept, row))
                        : Plan.known(left.then(RowRanks.largest(context, left, kept)));
            }
            case TENSOR -> {
                long rank = Composition.rank(model, Composition.boundary(context), n);
                return rank == 0
                        ? Plan.known(Thinned.NOTHING)
                        : new Plan(
                                List.of(new Step.Pick(score(model, left), rank)),
                                found -> left.then(Thinned.of(bounded(found.getFirst()))));
            }
        }
        throw new IllegalStateException("scope " + scope);
    }

    /** What the elements of a model are compared by that is trimmed. */
    Score score(int place) {
        TensorContext.ModelContext model = context.models().get(place);
        return score(model, firstStage(model));
    }

    /** What is left before the largest are found. */
    private Thinned firstStage(TensorContext.ModelContext model) {
        return switch (Composition.sparsify(model)) {
            case RANDOM -> RandomThinning.uniform(context, model);
            case MASK -> masked(model);
            default -> Thinned.WHOLE;
        };
    }

    /** The task vector times its mask over the mask's mean; nothing where the tensor has no mask, or one of zeros. */
    private Thinned masked(TensorContext.ModelContext model) {
        double mean = facts.maskMean(context.name(), model.position());
        if (model.mask().isEmpty() || mean == 0) {
            return Thinned.NOTHING;
        }
        return Thinned.by((inputs, place, whole) -> {
            FormulaBuilder formula = inputs.formula();
            Value mask = formula.model(inputs.model(place).mask().getAsInt());
            return formula.div(formula.mul(whole, mask), formula.constant(mean));
        });
    }

    private Score score(TensorContext.ModelContext model, Thinned left) {
        if (left.equals(Thinned.WHOLE)) {
            return new Score.Delta(model.position());
        }
        FurtherInputs inputs = new FurtherInputs(context, new FormulaBuilder(true, 0));
        inputs.formula().output(left.value(inputs, model.position()));
        return new Score.Computed(inputs.formula().build());
    }

    private Selection bounded(Selection exact) {
        return switch (Composition.boundary(context)) {
            case EXACT -> exact;
            case AT_LEAST -> new Cutoff(exact.threshold()).atLeast();
            case ABOVE -> new Cutoff(exact.threshold()).above();
        };
    }

    private static void checkNothingFollows(TensorContext.ModelContext model) {
        if (Composition.then(model) != Then.NONE) {
            throw new ConfigException(
                    "then: magnitude follows sparsify: random and sparsify: mask alone",
                    "leave then out, or choose another sparsify");
        }
    }

    /** Without the largest elements, and without the small ones (Model Breadcrumbs, arXiv 2312.06795, section 3). */
    private Plan outliers(TensorContext.ModelContext model) {
        return switch (scope) {
            case ROW -> Plan.of(model, RowRanks.band(context, model));
            case TENSOR, MODEL -> band(model);
        };
    }

    /**
     * The band in the middle of a tensor, its ends included as in MergeLLM: not less than the n_small-th smallest, and not more
     * than the element after the n_large largest.
     */
    private Plan band(TensorContext.ModelContext model) {
        long n = context.elements();
        long goes = (long) (n * (1 - model.parameters().number("density")));
        long small = (long) (n * model.parameters().number("small_rate"));
        long large = Math.max(0, goes - small);
        if (large >= n) {
            return Plan.known(Thinned.NOTHING);
        }
        List<Step.Pick> picks = new ArrayList<>();
        Score score = new Score.Delta(model.position());
        if (large > 0) {
            picks.add(new Step.Pick(score, large + 1));
        }
        if (small > 0) {
            picks.add(new Step.Pick(score, n - small + 1));
        }
        return new Plan(picks, found -> {
            Thinned kept = Thinned.WHOLE;
            if (large > 0) {
                var above = new Cutoff(found.getFirst().threshold()).above().magnitude();
                kept = Thinned.where((inputs, place, whole) -> {
                    FormulaBuilder formula = inputs.formula();
                    return formula.sub(formula.constant(1), formula.largest(above, whole));
                });
            }
            return small > 0 ? kept.then(Thinned.of(new Cutoff(found.getLast().threshold()).atLeast())) : kept;
        });
    }

    private List<TensorContext.ModelContext> ranked() {
        return context.models().stream()
                .filter(model -> Composition.sparsify(model) == Sparsify.RANKED && !Composition.keepsAll(model))
                .toList();
    }

    private boolean readsSpans() {
        return Composition.probability(context) == Probability.ROW_MAGNITUDE && !ranked().isEmpty();
    }

    /** The length of rows in formulas that use what is left, if that differs by row; otherwise 0. */
    long rowLength() {
        return readsSpans() ? context.rowLength() : 0;
    }

    /** How many passes over the tensor it takes before the one that uses what is left. */
    int reads() {
        return (readsSpans() ? 1 : 0) + (bands() > 0 ? 1 : 0) + (deltaPicks() + scorePicks() > 0 ? 1 : 0);
    }

    private int deltaPicks() {
        if (scope != Scope.TENSOR) {
            return 0;
        }
        return context.models().stream()
                .mapToInt(model -> switch (Composition.sparsify(model)) {
                    case MAGNITUDE -> Composition.trims(model) ? 1 : 0;
                    case OUTLIERS -> 2;
                    default -> 0;
                })
                .sum();
    }

    private int scorePicks() {
        return scope != Scope.TENSOR
                ? 0
                : (int) context.models().stream()
                        .filter(model -> Composition.sparsify(model) != Sparsify.MAGNITUDE && Composition.trims(model))
                        .count();
    }

    /** Masks of bands of ranks. */
    private int bands() {
        return scope != Scope.ROW
                ? 0
                : (int) context.models().stream()
                        .filter(model -> switch (Composition.sparsify(model)) {
                            case MAGNITUDE -> Composition.trims(model);
                            case OUTLIERS -> true;
                            default -> false;
                        })
                        .count();
    }

    /** Rankings that a pass makes. */
    private int rankings() {
        int byRank = Composition.probability(context) == Probability.ROW_MAGNITUDE ? 0 : ranked().size();
        boolean rows = scope == Scope.ROW;
        return byRank
                + (int) context.models().stream()
                        .filter(model -> rows
                                && Composition.trims(model)
                                && Composition.sparsify(model) != Sparsify.MAGNITUDE)
                        .count();
    }

    /**
     * What the passes take.
     *
     * @param sums numbers that the passes after these sum up
     */
    Needs needs(int sums) {
        long row = RandomThinning.rankedRow(context);
        Needs needs = Needs.NONE
                .withSums(Math.max(sums, readsSpans() ? 2 * ranked().size() : 0), rowLength())
                .withPicks(deltaPicks(), scorePicks());
        if (rankings() > 0) {
            needs = needs.withRanks(rankings(), row);
        }
        return bands() > 0 ? needs.withBandMasks(bands(), context.rowLength()) : needs;
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.DeltaMerge;
import dev.ingot.kernel.FormulaBuilder;
import dev.ingot.kernel.FormulaBuilder.Value;
import dev.ingot.kernel.Mask;
import dev.ingot.method.Composition.Combine;
import dev.ingot.method.Composition.Elect;
import dev.ingot.method.Composition.Scale;
import dev.ingot.method.Composition.Scope;
import dev.ingot.method.Composition.Sparsify;
import dev.ingot.method.Composition.ZeroSign;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** A composed merge of one tensor. */
final class ComposedTensor {
    private final TensorContext context;
    private final ModelFacts facts;
    private final Combine combine;
    private final Elect elect;
    private final ZeroSign zeroSign;

    ComposedTensor(TensorContext context, ModelFacts facts) {
        this.context = context;
        this.facts = facts;
        this.combine = Composition.combine(context);
        this.elect = Composition.elect(context);
        this.zeroSign = Composition.zeroSign(context);
    }

    /** The steps that compute it. */
    Step merge() {
        return Composition.included(context) ? thin(this::afterThinning) : new Step.CopyBase();
    }

    /** Thins the task vectors, as far as that is decided here. */
    Step thin(Function<List<Thinned>, Step> then) {
        List<Optional<Thinned>> thinned = new ArrayList<>();
        List<Step.Pick> picks = new ArrayList<>();
        for (TensorContext.ModelContext model : context.models()) {
            Optional<Thinned> known = Composition.keepsAll(model)
                    ? Optional.of(Thinned.WHOLE)
                    : facts.thinned().get(model.position());
            if (known.isEmpty()) {
                long rank = Composition.rank(model, Composition.boundary(context), context.elements());
                if (rank > 0) {
                    picks.add(new Step.Pick(new Score.Delta(model.position()), rank));
                } else {
                    known = Optional.of(Thinned.NOTHING);
                }
            }
            thinned.add(known);
        }
        Function<List<Selection>, Step> selected = found -> {
            List<Thinned> all = new ArrayList<>();
            int next = 0;
            for (Optional<Thinned> known : thinned) {
                all.add(known.isPresent() ? known.get() : Thinned.of(bounded(found.get(next++))));
            }
            return then.apply(all);
        };
        return picks.isEmpty() ? selected.apply(List.of()) : new Step.Select(picks, selected);
    }

    private Selection bounded(Selection exact) {
        return switch (Composition.boundary(context)) {
            case EXACT -> exact;
            case AT_LEAST -> new Cutoff(exact.threshold()).atLeast();
            case ABOVE -> new Cutoff(exact.threshold()).above();
        };
    }

    private Step afterThinning(List<Thinned> thinned) {
        if (elect == Elect.NONE || zeroSign != ZeroSign.TENSOR_MAJORITY) {
            return output(thinned, facts.majority(), facts.isTied());
        }
        FormulaBuilder formula = new FormulaBuilder(true, 0);
        signs(formula, thinned);
        return new Step.Evaluate(
                formula.build(), found -> output(thinned, (int) Math.signum(found.value(0)), found.value(1) > 0));
    }

    /** Results: the sum of elected signs, and the number of elements with something left whose sum is zero. */
    FormulaBuilder signs(FormulaBuilder formula, List<Thinned> thinned) {
        VectorFormula vectors = vectors(formula, thinned);
        Value ballot = vectors.ballot(elect, facts.norms());
        formula.sum(vectors.sign(ballot));
        Value left = formula.constant(0);
        for (int i = 0; i < thinned.size(); i++) {
            left = formula.max(left, formula.abs(vectors.element(i)));
        }
        Value zero = formula.constant(0);
        return formula.sum(formula.mul(formula.equal(ballot, zero), formula.greater(left, zero)));
    }

    /** Results: the squared norms of the thinned task vectors. */
    FormulaBuilder squares(FormulaBuilder formula, List<Thinned> thinned) {
        VectorFormula vectors = vectors(formula, thinned);
        for (int i = 0; i < thinned.size(); i++) {
            formula.sumOfProducts(vectors.element(i), vectors.element(i));
        }
        return formula;
    }

    /** Results: the L1 norms of the plain sum of task vectors and of the merged one. */
    FormulaBuilder norms(FormulaBuilder formula, List<Thinned> thinned) {
        Value sum = formula.delta(0);
        for (int i = 1; i < thinned.size(); i++) {
            sum = formula.add(sum, formula.delta(i));
        }
        formula.sum(formula.abs(sum));
        return formula.sum(formula.abs(merged(formula, thinned, facts.majority())));
    }

    /** The merged task vector, not scaled. */
    Value merged(FormulaBuilder formula, List<Thinned> thinned, int majority) {
        VectorFormula vectors = vectors(formula, thinned);
        Value sign = null;
        if (elect != Elect.NONE) {
            Value ballot = vectors.ballot(elect, facts.norms());
            Value elected = vectors.sign(ballot);
            int tied = zeroSign == ZeroSign.POSITIVE ? 1 : majority;
            sign = tied == 0
                    ? elected
                    : formula.select(formula.abs(elected), elected, formula.constant(tied));
        }
        Value merged = vectors.combine(combine, sign);
        if (combine == Combine.SUM || combine == Combine.MEAN) {
            return merged;
        }
        // A sum that is no number equals not even itself.
        Value sum = vectors.sum();
        return formula.select(formula.equal(sum, sum), merged, sum);
    }

    private VectorFormula vectors(FormulaBuilder formula, List<Thinned> thinned) {
        return new VectorFormula(formula, thinned, Composition.weights(context));
    }

    private Step output(List<Thinned> thinned, int majority, boolean tied) {
        double factor = factor();
        boolean plus = zeroSign == ZeroSign.POSITIVE || majority > 0 || !tied;
        Optional<Boolean> normalize = kernelRule(plus);
        if (normalize.isPresent() && thinned.stream().allMatch(t -> t.mask().isPresent())) {
            List<DeltaMerge.Term> terms = new ArrayList<>();
            for (int i = 0; i < thinned.size(); i++) {
                Mask mask = thinned.get(i).mask().get();
                terms.add(new DeltaMerge.Term((float) Composition.weight(context.models().get(i)), 1, mask));
            }
            boolean consensus = elect != Elect.NONE;
            float divisor = combine == Combine.MEAN ? terms.size() : 1;
            return new Step.Merge(new DeltaMerge(terms, consensus, normalize.get(), divisor, (float) factor));
        }
        FormulaBuilder formula = new FormulaBuilder(true, 0);
        Value merged = merged(formula, thinned, majority);
        Value scaled = factor == 1 ? merged : formula.mul(factor, merged);
        return new Step.Compute(formula.output(formula.add(formula.base(), scaled)).build());
    }

    /**
     * Whether the kernel of merged deltas divides by the weights that agree; empty if it does not know the rule.
     *
     * @param plus whether elements without a majority count as positive
     */
    private Optional<Boolean> kernelRule(boolean plus) {
        if (elect == Elect.NONE && (combine == Combine.SUM || combine == Combine.MEAN)) {
            return Optional.of(false);
        }
        boolean known = elect == Elect.MASS && plus;
        return switch (combine) {
            case DISJOINT_SUM -> known ? Optional.of(false) : Optional.empty();
            case DISJOINT_MEAN -> known ? Optional.of(true) : Optional.empty();
            default -> Optional.empty();
        };
    }

    private double factor() {
        double lambda = context.globals().number("lambda");
        if (Composition.scale(context) == Scale.NONE) {
            return lambda;
        }
        double shallow = context.globals().optional("lines_alpha").orElse(facts.shallow());
        return lambda * (shallow + context.globals().number("lines_beta") * context.depth());
    }

    /**
     * How often the tensor is read, and what memory that takes.
     *
     * @param thresholds passes over the model that find thresholds
     * @param later      passes over the model after those
     */
    TensorProgram cost(int thresholds, int later, Step first) {
        int models = context.models().size();
        boolean trims = context.models().stream()
                .anyMatch(model -> Composition.sparsify(model) == Sparsify.MAGNITUDE && !Composition.keepsAll(model));
        boolean ofModel = Composition.scope(context) == Scope.MODEL;
        boolean local = trims && !ofModel;
        boolean votes = elect != Elect.NONE && zeroSign == ZeroSign.TENSOR_MAJORITY;
        Needs needs = Needs.NONE.withSums(Math.max(2, 2 * models), 0).withPicks(local ? models : 0, 0);
        // Where thresholds are the tensor's own, every pass has to find them first.
        int reads = thresholds + (later + 1) * (local ? 2 : 1) + (votes ? 1 : 0);
        return new TensorProgram(
                first,
                Composition.included(context) ? reads : 1,
                needs.withModelPicks(trims && ofModel ? models : 0, false));
    }
}

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
import java.util.function.BiFunction;
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
        return Composition.included(context)
                ? thin(thinned -> voted(thinned, (majority, tied) -> output(thinned, majority, tied)))
                : new Step.CopyBase();
    }

    /**
     * Goes on with a formula's merged task vector, not scaled, when all that it takes is known of the tensor. It has no further
     * inputs: what is thinned goes by thresholds alone.
     */
    Step vector(Function<Function<FormulaBuilder, Value>, Step> then) {
        return thin(thinned -> voted(thinned, (majority, tied) -> then.apply(
                formula -> merged(new FurtherInputs(context, formula), thinned, majority))));
    }

    /** Thins the task vectors, as far as that is decided here. */
    Step thin(Function<List<Thinned>, Step> then) {
        return new TensorThinning(context, facts).step(then);
    }

    /** Finds out what elements without a majority elect, and whether there may be some. */
    private Step voted(List<Thinned> thinned, BiFunction<Integer, Boolean, Step> then) {
        if (elect == Elect.NONE || zeroSign != ZeroSign.TENSOR_MAJORITY) {
            return then.apply(facts.majority(), facts.isTied());
        }
        return evaluate(
                signs(thinned), found -> then.apply((int) Math.signum(found.total(0)), found.total(1) > 0));
    }

    /** The pass that computes a formula's results. */
    static Step evaluate(FurtherInputs inputs, Function<Evaluation, Step> then) {
        return new Step.Evaluate(inputs.formula().build(), inputs.inputs(), then);
    }

    private FurtherInputs inputs() {
        return new FurtherInputs(context, new FormulaBuilder(true, new TensorThinning(context, facts).rowLength()));
    }

    /** Results: the sum of elected signs, and the number of elements with something left whose sum is zero. */
    FurtherInputs signs(List<Thinned> thinned) {
        FurtherInputs inputs = inputs();
        FormulaBuilder formula = inputs.formula();
        VectorFormula vectors = vectors(inputs, thinned);
        Value ballot = vectors.ballot(elect, facts.norms());
        formula.sum(vectors.sign(ballot));
        Value left = formula.constant(0);
        for (int i = 0; i < thinned.size(); i++) {
            left = formula.max(left, formula.abs(vectors.element(i)));
        }
        Value zero = formula.constant(0);
        formula.sum(formula.mul(formula.equal(ballot, zero), formula.greater(left, zero)));
        return inputs;
    }

    /** Results: the squared norms of the thinned task vectors. */
    FurtherInputs squares(List<Thinned> thinned) {
        FurtherInputs inputs = inputs();
        FormulaBuilder formula = inputs.formula();
        VectorFormula vectors = vectors(inputs, thinned);
        for (int i = 0; i < thinned.size(); i++) {
            formula.sumOfProducts(vectors.element(i), vectors.element(i));
        }
        return inputs;
    }

    /** Results: the L1 norms of the plain sum of task vectors and of the merged one. */
    FurtherInputs norms(List<Thinned> thinned) {
        FurtherInputs inputs = inputs();
        FormulaBuilder formula = inputs.formula();
        Value sum = formula.delta(0);
        for (int i = 1; i < thinned.size(); i++) {
            sum = formula.add(sum, formula.delta(i));
        }
        formula.sum(formula.abs(sum));
        formula.sum(formula.abs(merged(inputs, thinned, facts.majority())));
        return inputs;
    }

    /** The merged task vector, not scaled. */
    Value merged(FurtherInputs inputs, List<Thinned> thinned, int majority) {
        FormulaBuilder formula = inputs.formula();
        VectorFormula vectors = vectors(inputs, thinned);
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

    private VectorFormula vectors(FurtherInputs inputs, List<Thinned> thinned) {
        return new VectorFormula(inputs, thinned, Composition.weights(context));
    }

    private Step output(List<Thinned> thinned, int majority, boolean tied) {
        double factor = factor();
        boolean plus = zeroSign == ZeroSign.POSITIVE || majority > 0 || !tied;
        Optional<Boolean> normalize = kernelRule(plus);
        if (normalize.isPresent() && thinned.stream().allMatch(t -> t.mask().isPresent())) {
            List<DeltaMerge.Term> terms = new ArrayList<>();
            for (int i = 0; i < thinned.size(); i++) {
                Mask mask = thinned.get(i).mask().get();
                float weight = (float) Composition.weight(context.models().get(i));
                terms.add(new DeltaMerge.Term(weight, (float) thinned.get(i).rescale(), mask));
            }
            boolean consensus = elect != Elect.NONE;
            float divisor = combine == Combine.MEAN ? terms.size() : 1;
            return new Step.Merge(new DeltaMerge(terms, consensus, normalize.get(), divisor, (float) factor));
        }
        FurtherInputs inputs = inputs();
        FormulaBuilder formula = inputs.formula();
        Value merged = merged(inputs, thinned, majority);
        Value scaled = factor == 1 ? merged : formula.mul(factor, merged);
        return new Step.Compute(formula.output(formula.add(formula.base(), scaled)).build(), inputs.inputs());
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
        boolean votes = elect != Elect.NONE && zeroSign == ZeroSign.TENSOR_MAJORITY;
        boolean ofModel = Composition.scope(context) == Scope.MODEL;
        List<TensorContext.ModelContext> trimmed =
                context.models().stream().filter(Composition::trims).toList();
        boolean computed = trimmed.stream().anyMatch(model -> Composition.sparsify(model) != Sparsify.MAGNITUDE);
        TensorThinning thinning = new TensorThinning(context, facts);
        // What is found in the tensor has to be found again by every pass.
        int reads = thresholds + (later + 1) * (1 + thinning.reads()) + (votes ? 1 : 0);
        int energetic = (int) context.models().stream()
                .filter(model -> Composition.sparsify(model) == Sparsify.ENERGY)
                .count();
        Needs needs = thinning.needs(Math.max(Math.max(2, 2 * models), EnergySearch.sums(energetic)));
        return new TensorProgram(
                first,
                reads,
                ofModel && !trimmed.isEmpty() ? needs.withModelPicks(models, computed) : needs);
    }
}

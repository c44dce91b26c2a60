// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.FormulaBuilder;
import dev.ingot.kernel.FormulaBuilder.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** Election and combination of thinned task vectors, as values of a formula (TIES-Merging, arXiv 2306.01708, section 3). */
final class VectorFormula {
    /** Values of this many models stay in registers between election and combination; those of more are computed twice. */
    private static final int HELD = 6;

    private final FormulaBuilder formula;
    private final int models;
    private final List<Double> weights;
    private final IntFunction<Value> element;

    /**
     * @param inputs  those of the formula
     * @param thinned what is left of each task vector
     * @param weights their factors
     */
    VectorFormula(FurtherInputs inputs, List<Thinned> thinned, List<Double> weights) {
        this.formula = inputs.formula();
        this.models = thinned.size();
        this.weights = weights;
        IntFunction<Value> computed = i -> weighted(weights.get(i), thinned.get(i).value(inputs, i));
        List<Value> held = new ArrayList<>();
        for (int i = 0; i < models && models <= HELD; i++) {
            held.add(computed.apply(i));
        }
        this.element = models <= HELD ? held::get : computed;
    }

    private Value weighted(double weight, Value value) {
        return weight == 1 ? value : formula.mul(weight, value);
    }

    /** A model's weighted element. */
    Value element(int model) {
        return element.apply(model);
    }

    /** The sum of all elements. */
    Value sum() {
        Value sum = element(0);
        for (int i = 1; i < models; i++) {
            sum = formula.add(sum, element(i));
        }
        return sum;
    }

    /**
     * What the sign of is elected, for each rule.
     *
     * @param norms squared norms of the thinned task vectors, where the rule needs them
     */
    Value ballot(Composition.Elect elect, double[] norms) {
        return switch (elect) {
            case NONE -> throw new IllegalArgumentException("no election");
            case MASS -> sum();
            case NORMMASS -> {
                Value sum = null;
                for (int i = 0; i < models; i++) {
                    Value y = element(i);
                    Value share = formula.mul(inverse(norms[i]), formula.mul(y, formula.abs(y)));
                    sum = sum == null ? share : formula.add(sum, share);
                }
                yield sum;
            }
            case NORMFRAC -> {
                Value best = element(0);
                Value most = share(0, norms);
                for (int i = 1; i < models; i++) {
                    Value more = formula.greater(share(i, norms), most);
                    best = formula.select(more, element(i), best);
                    most = formula.max(share(i, norms), most);
                }
                yield best;
            }
        };
    }

    private Value share(int model, double[] norms) {
        return formula.mul(inverse(norms[model]), formula.mul(element(model), element(model)));
    }

    private static double inverse(double norm) {
        return norm == 0 ? 0 : 1 / norm;
    }

    /** -1, 0 or 1. */
    Value sign(Value value) {
        Value zero = formula.constant(0);
        return formula.sub(formula.greater(value, zero), formula.greater(zero, value));
    }

    /**
     * The merged element.
     *
     * @param sign the elected sign: -1, 0 or 1; null without election
     */
    Value combine(Composition.Combine combine, Value sign) {
        Value merged =
                switch (combine) {
                    case SUM -> sum();
                    case MEAN -> formula.mul(1.0 / models, sum());
                    case MEDIAN -> median();
                    case MAGNITUDE -> largest(false);
                    case LAST_MAGNITUDE -> largest(true);
                    case DISJOINT_SUM -> agreeing(sign);
                    case DISJOINT_MEAN -> disjointMean(sign);
                    case SUM_AND_DISJOINT_MEAN -> formula.add(sum(), disjointMean(sign));
                    case DISJOINT_MAX -> largestAgreeing(sign);
                };
        return sign == null || combine.disjoint() ? merged : formula.mul(formula.abs(merged), sign);
    }

    /** Whether a model agrees: above zero where plus was elected, below zero otherwise, also where nothing was. */
    private Value agrees(int model, Value sign) {
        Value zero = formula.constant(0);
        if (sign == null) {
            return formula.greater(formula.abs(element(model)), zero);
        }
        Value direction = formula.select(sign, formula.constant(1), formula.constant(-1));
        return formula.greater(formula.mul(element(model), direction), zero);
    }

    private Value disjointMean(Value sign) {
        return formula.div(agreeing(sign), weightsAgreeing(sign));
    }

    private Value agreeing(Value sign) {
        Value sum = formula.constant(0);
        for (int i = 0; i < models; i++) {
            sum = formula.add(sum, formula.select(agrees(i, sign), element(i), formula.constant(0)));
        }
        return sum;
    }

    private Value weightsAgreeing(Value sign) {
        Value sum = formula.constant(0);
        for (int i = 0; i < models; i++) {
            sum = formula.add(sum, weighted(weights.get(i), agrees(i, sign)));
        }
        return formula.select(formula.equal(sum, formula.constant(0)), formula.constant(1), sum);
    }

    private Value largestAgreeing(Value sign) {
        if (sign == null) {
            return largest(false);
        }
        Value most = formula.constant(0);
        for (int i = 0; i < models; i++) {
            Value magnitude = formula.select(agrees(i, sign), formula.abs(element(i)), formula.constant(0));
            most = formula.max(magnitude, most);
        }
        return formula.mul(most, sign);
    }

    private Value largest(boolean lastOfEqual) {
        Value best = element(0);
        for (int i = 1; i < models; i++) {
            Value a = formula.abs(element(i));
            Value b = formula.abs(best);
            Value takes = lastOfEqual ? formula.greaterEqual(a, b) : formula.greater(a, b);
            best = formula.select(takes, element(i), best);
        }
        return best;
    }

    /** The element that (N - 1) / 2 others, rounded down, are smaller than, of equal ones the earlier first. */
    private Value median() {
        Value median = element(0);
        for (int i = 0; i < models; i++) {
            Value rank = formula.constant(0);
            for (int j = 0; j < models; j++) {
                if (j != i) {
                    Value smaller = j < i
                            ? formula.greaterEqual(element(i), element(j))
                            : formula.greater(element(i), element(j));
                    rank = formula.add(rank, smaller);
                }
            }
            median = formula.select(formula.equal(rank, formula.constant((models - 1) / 2)), element(i), median);
        }
        return median;
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.FormulaBuilder;
import dev.ingot.kernel.FormulaBuilder.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Election and combination of thinned task vectors, as values of a formula (TIES-Merging, arXiv 2306.01708, section 3). Elements of
 * many models find no room in the registers, so every loop over the models asks for each element once.
 */
final class VectorFormula {
    /** Values of this many models stay in registers between election and combination; those of more are computed twice. */
    private static final int HELD = 6;

    /** Elements that a median ranks at a time; with their ranks, and what one further element takes, they fit into the registers. */
    private static final int RANKED = 3;

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
                Value most = share(best, norms[0]);
                for (int i = 1; i < models; i++) {
                    Value y = element(i);
                    Value share = share(y, norms[i]);
                    best = formula.select(formula.greater(share, most), y, best);
                    most = formula.max(share, most);
                }
                yield best;
            }
        };
    }

    private Value share(Value element, double norm) {
        return formula.mul(inverse(norm), formula.mul(element, element));
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

    /** What elements must have to agree with an elected sign: plus where that was elected, otherwise minus, also where nothing was. */
    private Value direction(Value sign) {
        return sign == null ? null : formula.select(sign, formula.constant(1), formula.constant(-1));
    }

    /** Whether an element agrees: it has the direction, or is not zero where there is none. */
    private Value agrees(Value element, Value direction) {
        Value agreement = direction == null ? formula.abs(element) : formula.mul(element, direction);
        return formula.greater(agreement, formula.constant(0));
    }

    private Value disjointMean(Value sign) {
        Value direction = direction(sign);
        Value sum = formula.constant(0);
        Value agreeing = formula.constant(0);
        for (int i = 0; i < models; i++) {
            Value y = element(i);
            Value agrees = agrees(y, direction);
            sum = formula.add(sum, formula.select(agrees, y, formula.constant(0)));
            agreeing = formula.add(agreeing, weighted(weights.get(i), agrees));
        }
        Value divisor = formula.select(formula.equal(agreeing, formula.constant(0)), formula.constant(1), agreeing);
        return formula.div(sum, divisor);
    }

    private Value agreeing(Value sign) {
        Value direction = direction(sign);
        Value sum = formula.constant(0);
        for (int i = 0; i < models; i++) {
            Value y = element(i);
            sum = formula.add(sum, formula.select(agrees(y, direction), y, formula.constant(0)));
        }
        return sum;
    }

    private Value largestAgreeing(Value sign) {
        if (sign == null) {
            return largest(false);
        }
        Value direction = direction(sign);
        Value most = formula.constant(0);
        for (int i = 0; i < models; i++) {
            Value y = element(i);
            Value magnitude = formula.select(agrees(y, direction), formula.abs(y), formula.constant(0));
            most = formula.max(magnitude, most);
        }
        return formula.mul(most, sign);
    }

    private Value largest(boolean lastOfEqual) {
        Value best = element(0);
        for (int i = 1; i < models; i++) {
            Value y = element(i);
            Value a = formula.abs(y);
            Value b = formula.abs(best);
            Value takes = lastOfEqual ? formula.greaterEqual(a, b) : formula.greater(a, b);
            best = formula.select(takes, y, best);
        }
        return best;
    }

    /**
     * The element that (N - 1) / 2 others, rounded down, are smaller than, of equal ones the earlier first. There are registers for
     * neither all elements nor a sorting network, so some at a time are compared with all: about N²/3 elements are computed.
     */
    private Value median() {
        Value median = element(0);
        for (int first = 0; first < models; first += RANKED) {
            List<Value> ranked = IntStream.range(first, Math.min(models, first + RANKED)).mapToObj(this::element).toList();
            Value[] ranks = new Value[ranked.size()];
            Arrays.fill(ranks, formula.constant(0));
            for (int j = 0; j < models; j++) {
                boolean among = j >= first && j < first + ranked.size();
                Value other = among ? ranked.get(j - first) : element(j);
                for (int i = 0; i < ranks.length; i++) {
                    if (j != first + i) {
                        Value y = ranked.get(i);
                        Value smaller = j < first + i ? formula.greaterEqual(y, other) : formula.greater(y, other);
                        ranks[i] = formula.add(ranks[i], smaller);
                    }
                }
            }
            for (int i = 0; i < ranks.length; i++) {
                Value found = formula.equal(ranks[i], formula.constant((models - 1) / 2));
                median = formula.select(found, ranked.get(i), median);
            }
        }
        return median;
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.Formula;
import dev.ingot.kernel.FormulaBuilder;
import dev.ingot.kernel.FormulaBuilder.Value;
import dev.ingot.method.Pcb.Inter;
import java.util.List;

/**
 * The elementwise parts of PCB-Merging. Scores are written the same way wherever they occur, so that they are the same bits in the
 * pass that ranks them and in the one that uses them. One builder each; not thread-safe.
 */
final class PcbFormula {
    /** What the sum of the scores is at least. */
    private static final double LEAST_SUM = 1e-12;

    /** Room for the rounding of sums and products in a bound of them. */
    private static final double ROUNDING = 1.001;

    private final FormulaBuilder formula = new FormulaBuilder(true, 0);
    private final Inter inter;
    private final List<PcbRow> rows;
    private final double bound;
    private final Value sum;

    private PcbFormula(Inter inter, List<PcbRow> rows) {
        this.inter = inter;
        this.rows = rows;
        this.bound = bound();
        this.sum = switch (inter) {
            case RAW -> sum(false);
            case HALF_NORMALIZED -> sum(true);
            case NORMALIZED -> null;
        };
    }

    /**
     * The score of a model's element where it is positive, otherwise 0.
     *
     * @param negated of the score's opposite
     */
    static Formula score(Inter inter, List<PcbRow> rows, int model, boolean negated) {
        PcbFormula pcb = new PcbFormula(inter, rows);
        Value score = pcb.score(model);
        Value signed = negated ? pcb.formula.neg(score) : score;
        return pcb.formula.output(pcb.formula.max(signed, pcb.formula.constant(0))).build();
    }

    /**
     * The merged element.
     *
     * @param weights factor on each model's task vector
     */
    static Formula merged(Inter inter, List<PcbRow> rows, List<Double> weights, double lambda) {
        PcbFormula pcb = new PcbFormula(inter, rows);
        FormulaBuilder formula = pcb.formula;
        return formula.output(formula.add(formula.base(), pcb.merged(weights, lambda))).build();
    }

    private Value merged(List<Double> weights, double lambda) {
        // A positive score of these kinds means that the model's element has the sign of the sum.
        boolean signOfSum = inter != Inter.NORMALIZED && rows.stream().allMatch(row -> row.floor() >= 0);
        boolean alike = weights.stream().distinct().count() == 1;
        Value vectors = null;
        Value scores = null;
        for (int i = 0; i < rows.size(); i++) {
            Value share = share(i);
            scores = scores == null ? share : formula.add(scores, share);
            Value clipped = signOfSum ? clipped(i) : signed(i);
            Value part = formula.mul(share, alike ? clipped : formula.mul(weights.get(i), clipped));
            vectors = vectors == null ? part : formula.add(vectors, part);
        }
        Value mean = formula.div(vectors, formula.max(scores, formula.constant(LEAST_SUM)));
        double factor = alike ? lambda * weights.getFirst() : lambda;
        if (!signOfSum) {
            return formula.mul(factor, mean);
        }
        Value isNegative = formula.greater(formula.constant(0), sum);
        return formula.mul(mean, formula.select(isNegative, formula.constant(-factor), formula.constant(factor)));
    }

    /** The score's share of the interval from floor to top. */
    private Value share(int model) {
        PcbRow row = rows.get(model);
        Value floor = formula.constant(row.floor());
        Value raised = formula.max(score(model), floor);
        Value excess = row.floor() == 0 ? raised : formula.sub(raised, floor);
        return formula.mul(PcbRow.factor(row.floor(), row.top(), 1), excess);
    }

    private Value score(int model) {
        return switch (inter) {
            case RAW -> {
                Value scaled = normalized(model, Math.sqrt(rows.size()));
                Value agreement = tanh(formula.mul(formula.delta(model), sum));
                yield formula.mul(formula.exp(formula.mul(scaled, scaled)), agreement);
            }
            case HALF_NORMALIZED -> {
                Value agreement = tanh(formula.mul(formula.delta(model), sum));
                yield formula.mul(intra(normalized(model, 1)), agreement);
            }
            case NORMALIZED -> formula.mul(intra(normalized(model, 1)), agreement(model));
        };
    }

    private Value intra(Value normalized) {
        return formula.exp(formula.mul(rows.size(), formula.mul(normalized, normalized)));
    }

    private Value agreement(int model) {
        Value agreement = null;
        for (int other = 0; other < rows.size(); other++) {
            // In one order for both of a pair, whose product is then computed once.
            Value first = signedNormalized(Math.min(model, other));
            Value product = formula.mul(first, signedNormalized(Math.max(model, other)));
            Value part = tanh(product);
            agreement = agreement == null ? part : formula.add(agreement, part);
        }
        return agreement;
    }

    /** Sum over all models of the task vectors' elements, or of these normalized. */
    private Value sum(boolean normalized) {
        Value total = null;
        for (int i = 0; i < rows.size(); i++) {
            Value part = normalized ? signedNormalized(i) : formula.delta(i);
            total = total == null ? part : formula.add(total, part);
        }
        return total;
    }

    private Value tanh(Value x) {
        return HyperbolicTangent.of(formula, x, bound);
    }

    /** What arguments of tanh do not exceed. */
    private double bound() {
        double largest = rows.stream().mapToDouble(PcbRow::largest).max().orElseThrow();
        double sumOfLargest = rows.stream().mapToDouble(PcbRow::largest).sum();
        return switch (inter) {
            case RAW -> largest * sumOfLargest * ROUNDING;
            case HALF_NORMALIZED -> largest * rows.size() * ROUNDING;
            // A normalized number exceeds 1 by half an ulp at most.
            case NORMALIZED -> 1;
        };
    }

    /** The clipped magnitude. */
    private Value clipped(int model) {
        PcbRow row = rows.get(model);
        Value cut = formula.min(formula.abs(formula.delta(model)), formula.constant(row.high()));
        return row.least() == 0 ? cut : formula.max(cut, formula.constant(row.least()));
    }

    /** Its share of the interval that it is clipped to, times a number. */
    private Value normalized(int model, double scale) {
        PcbRow row = rows.get(model);
        Value excess = row.least() == 0
                ? clipped(model)
                : formula.sub(clipped(model), formula.constant(row.least()));
        return formula.mul(PcbRow.factor(row.least(), row.high(), scale), excess);
    }

    /** The clipped element with its sign, of which 0 has none. */
    private Value signed(int model) {
        return withSign(model, clipped(model), rows.get(model).least() == 0);
    }

    private Value signedNormalized(int model) {
        return withSign(model, normalized(model, 1), true);
    }

    /** @param zeroStays whether the number is 0 anyway where the element is */
    private Value withSign(int model, Value size, boolean zeroStays) {
        Value zero = formula.constant(0);
        Value sign = formula.select(formula.greater(zero, formula.delta(model)), formula.neg(size), size);
        return zeroStays ? sign : formula.select(formula.equal(formula.delta(model), zero), zero, sign);
    }
}

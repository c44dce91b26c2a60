// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.Formula;
import dev.ingot.kernel.FormulaBuilder;
import dev.ingot.kernel.FormulaBuilder.Value;
import java.util.ArrayList;
import java.util.List;

/**
 * Merged deltas as a formula, for masks that have no kernel: what {@link dev.ingot.kernel.DeltaMerge} computes, operation by
 * operation.
 */
final class DeltaFormula {
    /** Values of this many models stay in registers between election and sum; those of more are computed twice. */
    private static final int HELD = 8;

    private DeltaFormula() {}

    /** Decides which elements of a delta are kept. */
    @FunctionalInterface
    interface Keep {
        /** Every element. */
        Keep ALL = (formula, delta) -> formula.constant(1);

        /** A truth value. */
        Value mask(FormulaBuilder formula, Value delta);
    }

    /** One model's part: weight (rescale kept(d)). */
    record Term(double weight, double rescale, Keep keep) {}

    /** How terms are put together; see {@link dev.ingot.kernel.DeltaMerge}. */
    record Rule(boolean consensus, boolean normalize, double divisor, double lambda) {}

    /** The delta of a model where it is kept, +0 elsewhere. */
    static Value kept(FormulaBuilder formula, int model, Keep keep) {
        Value delta = formula.delta(model);
        return keep == Keep.ALL ? delta : formula.select(keep.mask(formula, delta), delta, formula.constant(0));
    }

    /** Base plus merged deltas. */
    static Formula merge(List<Term> terms, Rule rule) {
        FormulaBuilder formula = new FormulaBuilder(true, 0);
        boolean held = terms.size() <= HELD;
        List<Value> values = new ArrayList<>();
        Value total = null;
        for (int i = 0; i < terms.size(); i++) {
            Value y = term(formula, i, terms.get(i));
            values.add(y);
            total = total == null ? y : formula.add(total, y);
        }
        Value merged = total;
        if (rule.consensus()) {
            merged = agreeing(formula, terms, held ? values : null, total, rule.normalize());
        } else if (rule.divisor() != 1) {
            merged = formula.div(total, formula.constant(rule.divisor()));
        }
        Value scaled = rule.lambda() == 1 ? merged : formula.mul(rule.lambda(), merged);
        return formula.output(formula.add(formula.base(), scaled)).build();
    }

    private static Value term(FormulaBuilder formula, int model, Term term) {
        Value kept = kept(formula, model, term.keep());
        Value rescaled = (float) term.rescale() == 1 ? kept : formula.mul(term.rescale(), kept);
        return formula.mul(term.weight(), rescaled);
    }

    /** Sign election and disjoint merge (TIES-Merging, arXiv 2306.01708). */
    private static Value agreeing(
            FormulaBuilder formula, List<Term> terms, List<Value> values, Value total, boolean normalize) {
        Value zero = formula.constant(0);
        Value sign = formula.select(formula.greater(zero, total), formula.constant(-1), formula.constant(1));
        Value sum = zero;
        Value weights = zero;
        for (int i = 0; i < terms.size(); i++) {
            Value y = values == null ? term(formula, i, terms.get(i)) : values.get(i);
            Value agrees = formula.greater(formula.mul(y, sign), zero);
            sum = formula.add(sum, formula.select(agrees, y, zero));
            if (normalize) {
                weights = formula.add(weights, formula.mul(terms.get(i).weight(), agrees));
            }
        }
        Value merged = sum;
        if (normalize) {
            merged = formula.div(sum, formula.select(formula.equal(weights, zero), formula.constant(1), weights));
        }
        // A total that is no number equals not even itself.
        return formula.select(formula.equal(total, total), merged, total);
    }

    /** Results: the sums of |d| and of |kept(d)| for each model. */
    static FormulaBuilder sums(FormulaBuilder formula, List<Keep> keeps) {
        for (int i = 0; i < keeps.size(); i++) {
            formula.sum(formula.abs(formula.delta(i)));
            formula.sum(formula.abs(kept(formula, i, keeps.get(i))));
        }
        return formula;
    }
}

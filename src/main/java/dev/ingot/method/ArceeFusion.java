// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.Formula;
import dev.ingot.kernel.FormulaBuilder;
import dev.ingot.kernel.FormulaBuilder.Value;
import dev.ingot.kernel.Table;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Arcee Fusion: takes over the elements of another model x that matter most. An element's importance is |x - base| times the
 * Kullback-Leibler divergence of its row's softmax from the base's; taken are those at or above
 * median + 1.5 (third quartile - first quartile) of the tensor. Quartiles are exact, of all elements.
 */
final class ArceeFusion implements MergeMethod {
    private static final double SMOOTHING = 1e-8;
    private static final double SPREAD = 1.5;

    /** Up to here the series is exact to float32. */
    private static final double SMALL = 0.05;

    private static final MethodSpec SPEC = new MethodSpec(
            "arcee_fusion",
            "Arcee Fusion",
            Optional.empty(),
            "the most important changes of one model",
            List.of(),
            MethodSpec.BaseRole.ORIGIN,
            1,
            1,
            false);

    @Override
    public MethodSpec spec() {
        return SPEC;
    }

    @Override
    public TensorProgram program(TensorContext context) {
        if (context.elements() == 0) {
            return TensorProgram.single(new Step.CopyBase());
        }
        long row = context.rowLength();
        FormulaBuilder largest = new FormulaBuilder(true, row);
        largest.supremum(largest.model(0)).supremum(largest.base());
        Step first = new Step.Evaluate(largest.build(), found -> divergence(context, found.rows(0), found.rows(1)));
        return new TensorProgram(first, 5, Needs.NONE.withSums(2, row).withPicks(0, 3));
    }

    private static Value exponential(FormulaBuilder formula, Value x, Table largest) {
        return formula.exp(formula.sub(x, formula.row(largest)));
    }

    /** The sums of the two softmaxes, then their divergence. */
    private static Step divergence(TensorContext context, Table largest, Table largestOfBase) {
        long row = context.rowLength();
        FormulaBuilder sums = new FormulaBuilder(true, row);
        sums.sum(exponential(sums, sums.model(0), largest)).sum(exponential(sums, sums.base(), largestOfBase));
        return new Step.Evaluate(sums.build(), found -> {
            FormulaBuilder formula = new FormulaBuilder(true, row);
            Value smoothing = formula.constant(SMOOTHING);
            Value p = formula.add(
                    formula.div(exponential(formula, formula.model(0), largest), formula.row(found.rows(0))), smoothing);
            Value q = formula.add(
                    formula.div(exponential(formula, formula.base(), largestOfBase), formula.row(found.rows(1))),
                    smoothing);
            formula.sum(divergence(formula, p, q));
            return new Step.Evaluate(formula.build(), divergences -> select(context, divergences.rows(0)));
        });
    }

    /**
     * An element's part of the divergence, p ln(p / q) - p + q, whose sum is the same, and in which nothing cancels out: with
     * t = (p - q) / q it is q ((1 + t) ln(1 + t) - t), for small t by its series t^2/2 - t^3/6 + t^4/12 - t^5/20 + t^6/30.
     */
    private static Value divergence(FormulaBuilder formula, Value p, Value q) {
        Value t = formula.div(formula.sub(p, q), q);
        Value series = formula.constant(1 / 30.0);
        for (double coefficient : new double[] {-1 / 20.0, 1 / 12.0, -1 / 6.0, 1 / 2.0}) {
            series = formula.add(formula.mul(series, t), formula.constant(coefficient));
        }
        Value near = formula.mul(series, formula.mul(t, t));
        Value ratio = formula.add(formula.constant(1), t);
        Value far = formula.sub(formula.mul(ratio, formula.log(ratio)), t);
        Value small = formula.greater(formula.constant(SMALL), formula.abs(t));
        return formula.mul(q, formula.select(small, near, far));
    }

    private static Value importance(FormulaBuilder formula, Table divergences) {
        return formula.mul(formula.abs(formula.delta(0)), formula.row(divergences));
    }

    private static Step select(TensorContext context, Table divergences) {
        long row = context.rowLength();
        FormulaBuilder formula = new FormulaBuilder(true, row);
        Formula score = formula.output(importance(formula, divergences)).build();
        long n = context.elements();
        List<Step.Pick> picks = Stream.of(0.25, 0.5, 0.75)
                .map(quantile -> new Step.Pick(new Score.Computed(score), n - (long) (quantile * (n - 1))))
                .toList();
        return new Step.Select(picks, found -> {
            float low = found.get(0).value();
            float median = found.get(1).value();
            float high = found.get(2).value();
            return fuse(row, divergences, (float) (median + SPREAD * (high - low)));
        });
    }

    private static Step fuse(long row, Table divergences, float threshold) {
        FormulaBuilder formula = new FormulaBuilder(true, row);
        Value important = formula.greaterEqual(importance(formula, divergences), formula.constant(threshold));
        Value change = formula.select(important, formula.delta(0), formula.constant(0));
        return new Step.Compute(formula.output(formula.add(formula.base(), change)).build());
    }
}

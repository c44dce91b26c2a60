// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.Formula;
import dev.ingot.kernel.FormulaBuilder;
import dev.ingot.kernel.FormulaBuilder.Value;
import dev.ingot.matrix.AlignedCoefficients;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.IntFunction;

/** Coefficients of all models, element by element: the rules of TIES in the words of KnOTS' authors. */
final class KnotsFormula {
    private final FormulaBuilder formula;
    private final IntFunction<Value> coefficient;
    private final List<Cutoff> cutoffs;
    private final int models;
    private final Knots.SignResolveMode mode;
    private final Knots.MergingType type;

    /**
     * @param coefficient a model's
     * @param cutoffs     for each model the smallest magnitude that is kept; none if all is
     */
    KnotsFormula(
            FormulaBuilder formula, IntFunction<Value> coefficient, TensorContext context, List<Cutoff> cutoffs) {
        this.formula = formula;
        this.coefficient = coefficient;
        this.cutoffs = cutoffs;
        this.models = context.models().size();
        this.mode = context.globals().choice("sign_resolve_mode", Knots.SignResolveMode.class);
        this.type = context.globals().choice("merging_type", Knots.MergingType.class);
    }

    /** Random dropping of each model's coefficients, by recorded masks where there are such; empty if nothing is dropped. */
    static List<AlignedCoefficients.Thinning> thinning(TensorContext context) {
        double dropped = context.globals().number("dare_p");
        return dropped == 0
                ? List.of()
                : context.models().stream().map(model -> thinning(context, model, dropped)).toList();
    }

    private static AlignedCoefficients.Thinning thinning(
            TensorContext context, TensorContext.ModelContext model, double dropped) {
        FormulaBuilder formula = new FormulaBuilder(false, 0);
        long key = MaskKey.of(context.seed(), context.name(), model.position());
        Value stays = model.mask().isPresent()
                ? formula.model(1)
                : formula.greaterEqual(formula.uniform(key), formula.constant(dropped));
        Value rescaled = formula.div(formula.model(0), formula.constant(1 - dropped));
        formula.output(formula.select(stays, rescaled, formula.constant(0)));
        Formula built = formula.build();
        return new AlignedCoefficients.Thinning(built, model.mask());
    }

    /** What trimming leaves of a model's coefficient. */
    private Value trimmed(int model) {
        Value all = coefficient.apply(model);
        return cutoffs.isEmpty()
                ? all
                : formula.select(
                        formula.largest(cutoffs.get(model).atLeast().magnitude(), all), all, formula.constant(0));
    }

    private Value zero() {
        return formula.constant(0);
    }

    private Value sign(Value value) {
        return formula.sub(formula.greater(value, zero()), formula.greater(zero(), value));
    }

    private Value total(IntFunction<Value> of) {
        Value total = of.apply(0);
        for (int model = 1; model < models; model++) {
            total = formula.add(total, of.apply(model));
        }
        return total;
    }

    /** Makes the sign of the sum of values a result, and whether it is zero while some value is not. */
    void signs() {
        Value total = total(this::trimmed);
        Value any = zero();
        for (int model = 0; model < models; model++) {
            any = formula.max(any, formula.abs(trimmed(model)));
        }
        formula.sum(sign(total));
        formula.sum(formula.mul(formula.equal(total, zero()), formula.greater(any, zero())));
    }

    /**
     * The merged coefficient.
     *
     * @param majority what a sum of zero elects: -1, 0 or 1
     */
    Value merged(int majority) {
        Value elected = mode == Knots.SignResolveMode.NONE ? null : elected(majority);
        Value sum = total(model -> formula.select(kept(model, elected), trimmed(model), zero()));
        if (type == Knots.MergingType.SUM) {
            return sum;
        }
        return formula.div(sum, formula.max(total(model -> kept(model, elected)), formula.constant(1)));
    }

    /** 1 or -1; a sum of signs that is zero counts as negative, as in the authors' program. */
    private Value elected(int majority) {
        boolean byValue = mode == Knots.SignResolveMode.SUM_OF_VALUES;
        Value total = total(model -> byValue ? trimmed(model) : sign(trimmed(model)));
        Value positive =
                byValue && majority > 0 ? formula.greaterEqual(total, zero()) : formula.greater(total, zero());
        return formula.select(positive, formula.constant(1), formula.constant(-1));
    }

    /** Whether a coefficient is not zero, and of the elected sign if one was. */
    private Value kept(int model, Value elected) {
        return elected == null
                ? formula.greater(formula.abs(trimmed(model)), zero())
                : formula.greater(formula.mul(trimmed(model), elected), zero());
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.DeltaMerge;
import dev.ingot.kernel.Formula;
import dev.ingot.kernel.FormulaBuilder;
import dev.ingot.kernel.FormulaBuilder.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Reinforced agent merging (RAM, arXiv 2601.13572): an element that one model changed gets the whole change, one that several
 * changed the mean of the changes. RAM+ enlarges the changes that only one model made, per model and tensor by up to
 * 1 + r alpha, the more the smaller their share is.
 */
final class Ram implements MergeMethod {
    private static final MethodSpec.Paper PAPER =
            new MethodSpec.Paper("Behavior Knowledge Merge in Reinforced Agentic Models", "https://arxiv.org/abs/2601.13572");

    private static final Parameter EPSILON = Parameter.number(
            "epsilon",
            Parameter.Level.GLOBAL,
            1e-5,
            new Parameter.Range(0, false, Double.MAX_VALUE),
            "an element is changed if its delta is larger in magnitude");

    static final MethodSpec SPEC = spec("ram", "RAM", "changes of one model in full, of several averaged", List.of(EPSILON));

    static final MethodSpec PLUS_SPEC = spec(
            "ramplus_tl",
            "RAM+ per tensor",
            "as ram, with the changes of one model enlarged",
            List.of(
                    Parameter.number(
                            "r",
                            Parameter.Level.GLOBAL,
                            0.1,
                            new Parameter.Range(0, false, Double.MAX_VALUE),
                            "how much the ratio of shared to unique changes enlarges the latter"),
                    Parameter.number(
                            "alpha",
                            Parameter.Level.GLOBAL,
                            0.2,
                            new Parameter.Range(0, false, Double.MAX_VALUE),
                            "most that the ratio counts for"),
                    EPSILON));

    private final MethodSpec spec;
    private final boolean enlarges;

    Ram(MethodSpec spec, boolean enlarges) {
        this.spec = spec;
        this.enlarges = enlarges;
    }

    private static MethodSpec spec(String name, String title, String summary, List<Parameter> parameters) {
        return new MethodSpec(
                name, title, Optional.of(PAPER), summary, parameters, MethodSpec.BaseRole.ORIGIN, 1, DeltaMerge.MAX_TERMS, false);
    }

    @Override
    public MethodSpec spec() {
        return spec;
    }

    @Override
    public TensorProgram program(TensorContext context) {
        int models = context.models().size();
        double epsilon = context.globals().number("epsilon");
        if (!enlarges) {
            return TensorProgram.single(new Step.Compute(merge(epsilon, Collections.nCopies(models, 1.0))));
        }
        Step counts = new Step.Evaluate(counts(epsilon, models), found -> {
            List<Double> factors = new ArrayList<>();
            for (int i = 0; i < models; i++) {
                double shared = found.value(2 * i);
                double limited = Math.min(
                        shared == 0 ? 0 : shared / Math.max(found.value(2 * i + 1), epsilon), context.globals().number("alpha"));
                factors.add(1 + context.globals().number("r") * limited);
            }
            return new Step.Compute(merge(epsilon, factors));
        });
        return new TensorProgram(counts, 2, Needs.NONE.withSums(2 * models, 0));
    }

    private static Value changed(FormulaBuilder formula, int model, double epsilon) {
        return formula.greater(formula.abs(formula.delta(model)), formula.constant(epsilon));
    }

    private static Value changes(FormulaBuilder formula, int models, double epsilon) {
        Value count = changed(formula, 0, epsilon);
        for (int i = 1; i < models; i++) {
            count = formula.add(count, changed(formula, i, epsilon));
        }
        return count;
    }

    /** Per model: elements that others changed too, and those that only it changed. */
    private static Formula counts(double epsilon, int models) {
        FormulaBuilder formula = new FormulaBuilder(true, 0);
        Value one = formula.constant(1);
        Value count = changes(formula, models, epsilon);
        Value shared = formula.greater(count, one);
        Value unique = formula.equal(count, one);
        for (int i = 0; i < models; i++) {
            Value mine = changed(formula, i, epsilon);
            formula.sum(formula.mul(mine, shared)).sum(formula.mul(mine, unique));
        }
        return formula.build();
    }

    private static Formula merge(double epsilon, List<Double> factors) {
        FormulaBuilder formula = new FormulaBuilder(true, 0);
        Value one = formula.constant(1);
        Value zero = formula.constant(0);
        Value count = changes(formula, factors.size(), epsilon);
        Value unique = formula.equal(count, one);
        Value sum = zero;
        for (int i = 0; i < factors.size(); i++) {
            Value delta = formula.delta(i);
            Value part = formula.select(changed(formula, i, epsilon), delta, zero);
            if (factors.get(i) != 1) {
                part = formula.select(unique, formula.mul(factors.get(i), part), part);
            }
            sum = formula.add(sum, part);
        }
        Value merged = formula.div(sum, formula.max(count, one));
        return formula.output(formula.add(formula.base(), merged)).build();
    }
}

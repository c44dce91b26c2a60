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
 * SCE of FuseChat (arXiv 2408.07990, section 3.3): selects the elements whose deltas vary most between models,
 * calculates weights from the energy of what is selected, and erases minority signs. There are two forms: mergekit's
 * merges nothing but what is selected; the authors' selects for the weights alone, and elects signs and adds up with
 * whole deltas.
 */
final class Sce implements MergeMethod {
    /** Below this sum of mean squares all models weigh the same. */
    private static final double LEAST_ENERGY = 1e-6;

    private static final double LEAST_DIVISOR = 1e-6;

    /** mergekit's form. */
    static final MethodSpec SPEC = spec(
            "sce",
            "SCE",
            "select by variance, calculate weights, erase minority signs",
            List.of(
                    share("share of the elements that vary which is selected"),
                    Parameter.flag("int8_mask", false, "accepted for mergekit's sake; results do not depend on it")));

    /** The authors' form. */
    static final MethodSpec FUSECHAT_SPEC = spec(
            "sce_fusechat",
            "SCE (FuseChat)",
            "SCE as its authors compute it: the selection counts for the weights alone",
            List.of(share("share of the elements that vary from which weights are calculated; 0.1 in FuseChat")));

    private final MethodSpec spec;
    private final boolean selectsForWeightsAlone;

    Sce(MethodSpec spec, boolean selectsForWeightsAlone) {
        this.spec = spec;
        this.selectsForWeightsAlone = selectsForWeightsAlone;
    }

    private static MethodSpec spec(String name, String title, String summary, List<Parameter> parameters) {
        return new MethodSpec(
                name,
                title,
                Optional.of(new MethodSpec.Paper(
                        "FuseChat: Knowledge Fusion of Chat Models", "https://arxiv.org/abs/2408.07990")),
                summary,
                parameters,
                MethodSpec.BaseRole.ORIGIN,
                1,
                DeltaMerge.MAX_TERMS,
                false);
    }

    private static Parameter share(String description) {
        return Parameter.number(
                "select_topk", Parameter.Level.GLOBAL, 1, new Parameter.Range(0, false, 1), description);
    }

    @Override
    public MethodSpec spec() {
        return spec;
    }

    @Override
    public TensorProgram program(TensorContext context) {
        int models = context.models().size();
        double share = context.globals().number("select_topk");
        Needs needs = Needs.NONE.withSums(models, 0);
        if (share >= 1) {
            return new TensorProgram(energies(models, Optional.empty()), 2, needs);
        }
        if (models == 1 || share == 0) {
            return TensorProgram.single(nothingSelected(models));
        }
        Formula variance = variance(models);
        // Counted in float32, as mergekit and the authors do.
        Step.Pick pick = new Step.Pick(new Score.Computed(variance), new Step.Keep.ShareOfPositive((float) share));
        Step select = new Step.Select(
                List.of(pick),
                selected -> selected.getFirst().equals(Selection.NOTHING)
                        ? nothingSelected(models)
                        : energies(models, Optional.of(selected.getFirst())));
        return new TensorProgram(select, 3, needs.withPicks(0, 1));
    }

    private Step nothingSelected(int models) {
        return selectsForWeightsAlone ? merge(uniform(models), Optional.empty()) : new Step.CopyBase();
    }

    /** N times the population variance of the deltas of an element, which is in the same order. */
    private static Value variance(FormulaBuilder formula, int models) {
        Value sum = formula.delta(0);
        for (int i = 1; i < models; i++) {
            sum = formula.add(sum, formula.delta(i));
        }
        Value mean = formula.mul(1.0 / models, sum);
        Value squares = null;
        for (int i = 0; i < models; i++) {
            Value distance = formula.sub(formula.delta(i), mean);
            Value square = formula.mul(distance, distance);
            squares = squares == null ? square : formula.add(squares, square);
        }
        return squares;
    }

    private static Formula variance(int models) {
        FormulaBuilder formula = new FormulaBuilder(true, 0);
        return formula.output(variance(formula, models)).build();
    }

    private static Value selected(FormulaBuilder formula, int models, Optional<Selection> selection) {
        return selection
                .map(found -> formula.largest(found.magnitude(), variance(formula, models)))
                .orElseGet(() -> formula.constant(1));
    }

    private Step energies(int models, Optional<Selection> selection) {
        FormulaBuilder formula = new FormulaBuilder(true, 0);
        Value mask = selected(formula, models, selection);
        Value zero = formula.constant(0);
        for (int i = 0; i < models; i++) {
            Value kept = formula.select(mask, formula.delta(i), zero);
            formula.sumOfProducts(kept, kept);
        }
        return new Step.Evaluate(
                formula.build(),
                found -> merge(weights(found, models), selectsForWeightsAlone ? Optional.empty() : selection));
    }

    private List<Double> weights(Evaluation found, int models) {
        double total = 0;
        for (int i = 0; i < models; i++) {
            total += found.value(i) / found.elements();
        }
        if (selectsForWeightsAlone ? total == 0 : total < LEAST_ENERGY) {
            return uniform(models);
        }
        List<Double> weights = new ArrayList<>();
        for (int i = 0; i < models; i++) {
            weights.add(found.value(i) / found.elements() / total);
        }
        return weights;
    }

    private static List<Double> uniform(int models) {
        return Collections.nCopies(models, 1.0 / models);
    }

    private Step merge(List<Double> weights, Optional<Selection> selection) {
        int models = weights.size();
        FormulaBuilder formula = new FormulaBuilder(true, 0);
        Value zero = formula.constant(0);
        Value mask = selected(formula, models, selection);
        Value sum = zero;
        for (int i = 0; i < models; i++) {
            sum = formula.add(sum, formula.select(mask, formula.delta(i), zero));
        }
        Value sign = formula.select(formula.greater(zero, sum), formula.constant(-1), formula.constant(1));
        Value merged = zero;
        Value divisor = zero;
        for (int i = 0; i < models; i++) {
            Value kept = formula.select(mask, formula.delta(i), zero);
            Value agrees = formula.greater(formula.mul(kept, sign), zero);
            merged = formula.add(merged, formula.mul(weights.get(i), formula.select(agrees, kept, zero)));
            divisor = formula.add(divisor, formula.mul(weights.get(i), agrees));
        }
        Value guarded = selectsForWeightsAlone
                ? formula.select(formula.equal(divisor, zero), formula.constant(1), divisor)
                : formula.max(divisor, formula.constant(LEAST_DIVISOR));
        Value mean = formula.div(merged, guarded);
        return new Step.Compute(formula.output(formula.add(formula.base(), mean)).build());
    }
}

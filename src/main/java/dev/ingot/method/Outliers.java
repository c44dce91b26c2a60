// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.FormulaBuilder;
import dev.ingot.kernel.FormulaBuilder.Value;
import java.util.ArrayList;
import java.util.List;

/**
 * The masks of Model Breadcrumbs (arXiv 2312.06795, section 3): of n elements the trunc(gamma n) largest and the smallest are
 * dropped, so that trunc(density n) stay. If fewer than that lie below the largest ones, fewer of those are dropped.
 */
final class Outliers {
    private final List<Step.Pick> picks = new ArrayList<>();
    private final List<Band> bands = new ArrayList<>();

    /** What a model keeps: ranks by magnitude above {@code dropped} up to {@code last}; -1 stands for no pick. */
    private record Band(boolean all, boolean none, int dropped, int last) {}

    Outliers(TensorContext context) {
        for (TensorContext.ModelContext model : context.models()) {
            add(model, context.elements());
        }
    }

    private void add(TensorContext.ModelContext model, long n) {
        double density = model.parameters().number("density");
        long target = (long) (density * n);
        long top = (long) (model.parameters().number("gamma") * n);
        if (density >= 1 || n == 0) {
            bands.add(new Band(true, false, -1, -1));
            return;
        }
        top = Math.min(top, n - target);
        int dropped = target > 0 && top > 0 ? pick(model, top) : -1;
        int last = target > 0 && top + target < n ? pick(model, top + target) : -1;
        bands.add(new Band(false, target == 0, dropped, last));
    }

    private int pick(TensorContext.ModelContext model, long keep) {
        picks.add(new Step.Pick(new Score.Delta(model.position()), keep));
        return picks.size() - 1;
    }

    /** The selections that the masks need. */
    List<Step.Pick> picks() {
        return picks;
    }

    /** One mask per model. */
    List<DeltaFormula.Keep> keeps(List<Selection> found) {
        return bands.stream().map(band -> keep(band, found)).toList();
    }

    private static DeltaFormula.Keep keep(Band band, List<Selection> found) {
        if (band.all()) {
            return DeltaFormula.Keep.ALL;
        }
        if (band.none()) {
            return (formula, delta) -> formula.constant(0);
        }
        return (formula, delta) -> {
            Value last = among(formula, delta, band.last(), found, 1);
            return formula.sub(last, among(formula, delta, band.dropped(), found, 0));
        };
    }

    private static Value among(FormulaBuilder formula, Value delta, int pick, List<Selection> found, int otherwise) {
        return pick < 0 ? formula.constant(otherwise) : formula.largest(found.get(pick).magnitude(), delta);
    }
}

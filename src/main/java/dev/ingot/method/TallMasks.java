// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.FormulaBuilder;
import dev.ingot.kernel.FormulaBuilder.Value;
import java.util.List;
import java.util.function.Function;

/**
 * TALL-masks and Consensus Merging (arXiv 2405.07813) over any composed merge of task vectors: an element belongs to a task whose
 * own weight differs more from the base's than, by a factor, from the merged one.
 */
final class TallMasks extends Composed {
    private final boolean consensus;

    /**
     * @param consensus whether elements stay that belong to several tasks, instead of those that belong to the marked one
     */
    TallMasks(MethodSpec spec, ParameterValues fixed, boolean consensus) {
        super(spec, fixed);
        this.consensus = consensus;
    }

    @Override
    public boolean hasMasks() {
        return !consensus;
    }

    @Override
    void check(TensorContext context) {
        if (!consensus && context.part() instanceof Part.Model) {
            MaskedVector.task(context);
        }
    }

    @Override
    void checkAll(List<TensorContext> included) {
        if (!consensus) {
            MaskedVector.checkTask(included);
        }
    }

    @Override
    Step step(TensorContext context, ModelFacts facts) {
        if (!Composition.included(context)) {
            return MaskedVector.nothing(context);
        }
        ComposedTensor tensor = new ComposedTensor(context, facts);
        return tensor.vector(vector -> {
            MaskedVector.Masked mask = (formula, merged, task) -> belongs(context, formula, merged, task);
            return consensus ? consensus(context, vector, mask) : new MaskedVector(vector, mask).step(context, 1);
        });
    }

    /** |base - model| &gt; lambda |(base + vector) - model|, through the absolute weights as the authors' program has it. */
    private static Value belongs(TensorContext context, FormulaBuilder formula, Value merged, int task) {
        double lambda = context.models().get(task).parameters().number("mask_lambda");
        Value own = formula.abs(formula.sub(formula.base(), formula.model(task)));
        Value left = formula.abs(formula.sub(formula.add(formula.base(), merged), formula.model(task)));
        return formula.greater(own, formula.mul(left, formula.constant(lambda)));
    }

    private static Step consensus(
            TensorContext context, Function<FormulaBuilder, Value> vector, MaskedVector.Masked mask) {
        FormulaBuilder formula = new FormulaBuilder(true, 0);
        Value merged = vector.apply(formula);
        Value count = formula.constant(0);
        for (int task = 0; task < context.models().size(); task++) {
            count = formula.add(count, mask.of(formula, merged, task));
        }
        Value wanted = formula.constant(context.globals().number("prun_thre_k"));
        return MaskedVector.sum(
                formula, formula.greaterEqual(count, wanted), merged, context.globals().number("lambda"));
    }
}

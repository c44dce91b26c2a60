// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.Formula;
import dev.ingot.kernel.FormulaBuilder;
import dev.ingot.kernel.FormulaBuilder.Value;
import dev.ingot.kernel.Table;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The least and the largest magnitudes of rows.
 *
 * @param least   tables by row, by the place of the model
 * @param largest likewise
 */
record RowSpans(Map<Integer, Table> least, Map<Integer, Table> largest) {
    /** What the authors of DELLA add to the span, so that it is never 0. */
    private static final double MARGIN = 1e-7;

    /** The results of the formula that finds them. */
    record Places(TensorContext context, List<TensorContext.ModelContext> models) {
        Formula formula() {
            FormulaBuilder formula = new FormulaBuilder(true, context.rowLength());
            for (TensorContext.ModelContext model : models) {
                Value magnitude = formula.abs(formula.delta(model.position()));
                formula.supremum(formula.neg(magnitude)).supremum(magnitude);
            }
            return formula.build();
        }

        RowSpans found(Evaluation results) {
            Map<Integer, Table> least = new HashMap<>();
            Map<Integer, Table> largest = new HashMap<>();
            for (int i = 0; i < models.size(); i++) {
                least.put(models.get(i).position(), results.rows(2 * i));
                largest.put(models.get(i).position(), results.rows(2 * i + 1));
            }
            return new RowSpans(least, largest);
        }
    }

    /** Where a magnitude lies between the least, 0, and almost 1, the largest of its row. */
    Value share(FormulaBuilder formula, int model, Value magnitude) {
        // The table holds the least with a minus.
        Value least = formula.row(least().get(model));
        Value span = formula.add(formula.add(formula.row(largest().get(model)), least), formula.constant(MARGIN));
        return formula.div(formula.add(magnitude, least), span);
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.error.ConfigException;
import dev.ingot.kernel.BandMask;
import dev.ingot.kernel.FormulaBuilder;
import dev.ingot.kernel.FormulaBuilder.Value;
import dev.ingot.kernel.RankedMask;

/** Thinning by the rank of an element's magnitude within its row. */
final class RowRanks {
    private RowRanks() {}

    /**
     * Elements of a row.
     *
     * @throws ConfigException if they are too many to be ranked
     */
    static long checkedRow(TensorContext context) {
        return checked(context, context.rowLength());
    }

    /** The number of elements that are ranked together, if it is not too large. */
    static long checked(TensorContext context, long ranked) {
        if (ranked >= RankedMask.MAX_ROW) {
            throw new ConfigException(
                    ranked + " elements of tensor " + context.name() + " would have to be ranked together, and "
                            + (RankedMask.MAX_ROW - 1) + " can be",
                    "merge this tensor with sparsify: none, by a filter on its name");
        }
        return Math.max(1, ranked);
    }

    /** How many elements of the row are smaller by magnitude, or equal and before this one. */
    static Value ascending(FurtherInputs inputs, int model, long row) {
        FormulaBuilder magnitude = new FormulaBuilder(true, row);
        magnitude.output(magnitude.abs(magnitude.delta(model)));
        return inputs.rank(magnitude.build());
    }

    /**
     * Keeps the largest elements of what is left of a task vector; of equal ones the first is larger.
     *
     * @param left what is left, whose elements are ranked
     */
    static Thinned largest(TensorContext context, Thinned left, long number) {
        if (number <= 0) {
            return Thinned.NOTHING;
        }
        return Thinned.where((inputs, model, whole) -> {
            FormulaBuilder formula = inputs.formula();
            FurtherInputs ranked = new FurtherInputs(context, new FormulaBuilder(true, checkedRow(context)));
            Value value = ranked.formula().abs(left.value(ranked, model));
            Value rank = inputs.rank(ranked.formula().output(ranked.formula().neg(value)).build());
            return formula.greater(formula.constant(number), rank);
        });
    }

    /** Of each row the largest share beta without the largest share gamma, which is taken away before or after. */
    static BandMask band(TensorContext context, TensorContext.ModelContext model) {
        long row = checkedRow(context);
        long kept = (long) (row * model.parameters().number("beta"));
        long removed = (long) (row * model.parameters().number("gamma"));
        boolean first = context.globals().flag("remove_first");
        return new BandMask(removed, Math.min(row, first ? removed + kept : kept), row);
    }
}

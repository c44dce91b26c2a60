// SPDX-License-Identifier: Apache-2.0
package dev.ingot.matrix;

import dev.ingot.kernel.Formula;
import dev.ingot.kernel.FormulaBuilder;

/** Formulas that several programs compute on whole matrices with. */
final class Elementwise {
    /** The sum of both inputs. */
    static final Formula SUM = sum();

    private Elementwise() {}

    private static Formula sum() {
        FormulaBuilder formula = new FormulaBuilder(false, 0);
        return formula.output(formula.add(formula.model(0), formula.model(1))).build();
    }

    /** The first input plus a factor times the second. */
    static Formula sum(double factor) {
        FormulaBuilder formula = new FormulaBuilder(false, 0);
        return formula.output(formula.add(formula.model(0), formula.mul(factor, formula.model(1)))).build();
    }

    /** The input times a factor. */
    static Formula times(double factor) {
        FormulaBuilder formula = new FormulaBuilder(false, 0);
        return formula.output(formula.mul(factor, formula.model(0))).build();
    }
}

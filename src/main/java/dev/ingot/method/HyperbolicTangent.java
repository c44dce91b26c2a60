// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.FormulaBuilder;
import dev.ingot.kernel.FormulaBuilder.Value;

/**
 * tanh as a formula, within 3 ulp of float32. It costs as little as the largest argument allows: nothing where tanh x rounds to x,
 * up to four terms of the power series, a fraction up to 1, and an exponential beyond.
 */
final class HyperbolicTangent {
    /** Coefficients of x^3, x^5, ... of the power series. */
    private static final double[] SERIES = {-1 / 3.0, 2 / 15.0, -17 / 315.0, 62 / 2835.0, -1382 / 155925.0};

    /** What may be left out, as a share of the result: a quarter of an ulp at most. */
    private static final double NEGLIGIBLE = 0x1p-26;

    /** Up to here the fraction is as good as float32; it comes of Lambert's continued fraction, cut off after 9. */
    private static final double FRACTION_LIMIT = 1;

    private final FormulaBuilder formula;
    private final Value x;

    private HyperbolicTangent(FormulaBuilder formula, Value x) {
        this.formula = formula;
        this.x = x;
    }

    /**
     * tanh x.
     *
     * @param bound what |x| does not exceed; infinity if nothing is known. Results beyond it are not those of tanh
     */
    static Value of(FormulaBuilder formula, Value x, double bound) {
        HyperbolicTangent tanh = new HyperbolicTangent(formula, x);
        int terms = terms(bound);
        if (terms == 0) {
            return x;
        }
        if (terms < SERIES.length) {
            return tanh.series(terms);
        }
        return bound <= FRACTION_LIMIT ? tanh.fraction() : tanh.everywhere();
    }

    /** How many terms after x matter; as many as there are coefficients if those are too few. */
    private static int terms(double bound) {
        int terms = 0;
        while (terms < SERIES.length && !(Math.abs(SERIES[terms]) * StrictMath.pow(bound, 2 * terms + 2) < NEGLIGIBLE)) {
            terms++;
        }
        return terms;
    }

    private Value series(int terms) {
        Value square = formula.mul(x, x);
        Value sum = formula.mul(SERIES[terms - 1], square);
        for (int i = terms - 2; i >= 0; i--) {
            sum = formula.mul(formula.add(sum, formula.constant(SERIES[i])), square);
        }
        return formula.add(x, formula.mul(x, sum));
    }

    /** x (945 + 105 x^2 + x^4) / (945 + 420 x^2 + 15 x^4), as x and what is missing, so that only the latter is rounded often. */
    private Value fraction() {
        Value square = formula.mul(x, x);
        Value above = formula.add(formula.constant(315), formula.mul(14, square));
        Value below = formula.mul(formula.add(formula.constant(420), formula.mul(15, square)), square);
        Value missing = formula.mul(formula.div(above, formula.add(formula.constant(945), below)), square);
        return formula.sub(x, formula.mul(x, missing));
    }

    /** 1 - 2 / (e^2|x| + 1) with the sign of x where |x| is large, which would cancel where it is small. */
    private Value everywhere() {
        Value one = formula.constant(1);
        Value size = formula.abs(x);
        Value power = formula.exp(formula.add(size, size));
        Value large = formula.sub(one, formula.div(formula.constant(2), formula.add(power, one)));
        Value signed = formula.select(formula.greater(formula.constant(0), x), formula.neg(large), large);
        return formula.select(formula.greater(formula.abs(x), one), signed, fraction());
    }
}

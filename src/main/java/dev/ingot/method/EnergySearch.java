// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.FormulaBuilder;
import dev.ingot.kernel.FormulaBuilder.Value;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * Finds, for several task vectors at a time, the largest magnitude whose equals and betters hold a share of the squared norm. Each
 * pass over the model sums squares above a number of magnitudes and so divides the range of float32 bit patterns in which the
 * magnitude lies by that number, until one is left.
 */
final class EnergySearch {
    /** Results of a formula, of which there are at most 128. */
    private static final int RESULTS = 120;

    private static final int NONE_ABOVE = Float.floatToRawIntBits(Float.POSITIVE_INFINITY);

    private final List<Integer> models;
    private final List<Double> shares;
    private final Sums sums;
    private final int cuts;

    /** Adds its results to a formula. */
    @FunctionalInterface
    interface Formulas {
        void add(FormulaBuilder formula, TensorContext tensor);
    }

    /** A pass over the model. */
    @FunctionalInterface
    interface Sums {
        /** @param then gets the sums of as many results */
        ModelStep of(Formulas formulas, int results, Function<double[], ModelStep> then);
    }

    /**
     * @param models whose task vectors
     * @param shares of the squared norm, from 0 to 1
     */
    EnergySearch(List<Integer> models, List<Double> shares, Sums sums) {
        this.models = models;
        this.shares = shares;
        this.sums = sums;
        this.cuts = Math.max(1, RESULTS / models.size());
    }

    /** Numbers that a pass sums up. */
    static int sums(int models) {
        return models == 0 ? 0 : Math.max(1, RESULTS / models) * models;
    }

    /** Passes that the search takes. */
    static int passes(int models) {
        double cuts = Math.max(1, RESULTS / models);
        return 1 + (int) Math.ceil(Math.log(NONE_ABOVE) / Math.log(cuts + 1));
    }

    /** @param then gets the bit patterns of the magnitudes */
    ModelStep first(Function<int[], ModelStep> then) {
        return sums.of(
                (formula, tensor) -> models.forEach(i -> formula.sumOfProducts(formula.delta(i), formula.delta(i))),
                models.size(),
                totals -> {
                    double[] wanted = new double[totals.length];
                    Arrays.setAll(wanted, i -> shares.get(i) * totals[i]);
                    int[] high = new int[totals.length];
                    Arrays.fill(high, NONE_ABOVE);
                    return narrow(new int[totals.length], high, wanted, then);
                });
    }

    /**
     * @param low  patterns at which the squares suffice
     * @param high patterns at which they do not
     */
    private ModelStep narrow(int[] low, int[] high, double[] wanted, Function<int[], ModelStep> then) {
        boolean found = true;
        for (int i = 0; i < low.length; i++) {
            found &= high[i] - low[i] <= 1;
        }
        if (found) {
            return then.apply(low);
        }
        return sums.of(
                (formula, tensor) -> {
                    for (int i = 0; i < low.length; i++) {
                        for (int cut = 0; cut < cuts; cut++) {
                            Value delta = formula.delta(models.get(i));
                            Value least = formula.constant(Float.intBitsToFloat(pattern(low[i], high[i], cut)));
                            Value kept = formula.mul(delta, formula.greaterEqual(formula.abs(delta), least));
                            formula.sumOfProducts(kept, kept);
                        }
                    }
                },
                low.length * cuts,
                squares -> {
                    int[] nextLow = low.clone();
                    int[] nextHigh = high.clone();
                    for (int i = 0; i < low.length; i++) {
                        for (int cut = 0; cut < cuts; cut++) {
                            int pattern = pattern(low[i], high[i], cut);
                            if (squares[i * cuts + cut] >= wanted[i]) {
                                nextLow[i] = Math.max(nextLow[i], pattern);
                            } else {
                                nextHigh[i] = Math.min(nextHigh[i], pattern);
                            }
                        }
                    }
                    return narrow(nextLow, nextHigh, wanted, then);
                });
    }

    /** One of the patterns that divide what lies between two of them evenly. */
    private int pattern(int low, int high, int cut) {
        return low + (int) ((long) (high - low) * (cut + 1) / (cuts + 1));
    }
}

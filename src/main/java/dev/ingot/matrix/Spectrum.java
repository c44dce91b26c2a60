// SPDX-License-Identifier: Apache-2.0
package dev.ingot.matrix;

import dev.ingot.linalg.Matrix;
import java.util.OptionalInt;
import java.util.function.DoublePredicate;

/** Questions to singular values, which are one column, descending. */
final class Spectrum {
    private Spectrum() {}

    /** How many values are larger than a share of the largest. */
    static int above(Matrix values, double share) {
        double least = values.rows() == 0 ? 0 : share * values.get(0, 0);
        int count = 0;
        while (count < values.rows() && values.get(count, 0) > least) {
            count++;
        }
        return count;
    }

    /**
     * The first place, from 0, up to which the values' share in the sum of all fulfils a condition; none if they are all zero.
     * The share at the last place is 1 exactly.
     */
    static OptionalInt first(Matrix values, DoublePredicate condition) {
        double all = sum(values);
        if (all == 0) {
            return OptionalInt.empty();
        }
        double sum = 0;
        for (int i = 0; i < values.rows(); i++) {
            sum += values.get(i, 0);
            if (condition.test(sum / all)) {
                return OptionalInt.of(i);
            }
        }
        return OptionalInt.empty();
    }

    private static double sum(Matrix values) {
        double sum = 0;
        for (int i = 0; i < values.rows(); i++) {
            sum += values.get(i, 0);
        }
        return sum;
    }
}

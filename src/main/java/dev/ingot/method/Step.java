// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.DeltaMerge;
import dev.ingot.kernel.Mask;
import dev.ingot.kernel.WeightedSum;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * One pass over a tensor. The first three write the output and end the program; the others learn a few numbers and lead to
 * the next step.
 */
public sealed interface Step {
    /** The output is the base, rounded to the output type. */
    record CopyBase() implements Step {}

    /** The output is the given model, rounded to the output type. */
    record CopyModel(int model) implements Step {}

    /** The output is a weighted sum of the models. */
    record Sum(WeightedSum op) implements Step {}

    /** The output is the base plus merged deltas. */
    record Merge(DeltaMerge op) implements Step {}

    /**
     * Finds the largest elements of deltas by magnitude.
     *
     * @param keep how many to select per model, from 1 to the number of elements; empty where nothing is dropped
     * @param then gets one selection per model, null where {@code keep} is empty
     */
    record Select(List<OptionalLong> keep, Function<List<Selection>, Step> then) implements Step {
        public Select {
            keep = List.copyOf(keep);
        }
    }

    /**
     * Sums |d| and |kept(d)|.
     *
     * @param masks one per model
     * @param then  gets one pair of sums per model
     */
    record DeltaSums(List<Mask> masks, Function<List<AbsoluteSums>, Step> then) implements Step {
        public DeltaSums {
            masks = List.copyOf(masks);
        }
    }

    /**
     * Dot products of all pairs of models' values.
     *
     * @param then gets the lower triangle by rows: (0,0) (1,0) (1,1) (2,0) ...
     */
    record Gram(Function<double[], Step> then) implements Step {}

    /**
     * L1 norms of a delta.
     *
     * @param all  sum of |d|
     * @param kept sum of |d| over the kept elements
     */
    record AbsoluteSums(double all, double kept) {}
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import java.util.List;
import java.util.Objects;

/**
 * Adds merged deltas to the base: with d_i = x_i - base and y_i = weight_i (rescale_i kept(d_i)),
 * out = base + lambda m.
 *
 * <p>Without consensus m is the sum of the y_i, divided by {@code divisor}. With consensus (TIES-Merging, arXiv 2306.01708)
 * the sum elects a sign, a zero sum counting as positive, and m is the sum of the y_i of that sign; with {@code normalize}
 * it is divided by the sum of the weights of those terms, where an exact 0 counts as 1. A divisor or lambda of 1 is not
 * applied.
 *
 * @param terms     one per model of the tile, 1 to {@value #MAX_TERMS}
 * @param consensus whether terms must agree with the elected sign
 * @param normalize with consensus: whether to divide by the agreeing weights
 * @param divisor   without consensus: divisor of the sum
 * @param lambda    factor on the merged delta
 */
public record DeltaMerge(List<Term> terms, boolean consensus, boolean normalize, float divisor, float lambda) {
    /** Most models one call takes. */
    public static final int MAX_TERMS = 64;

    /**
     * One model's part.
     *
     * @param weight  its weight
     * @param rescale factor on kept elements, applied before the weight; 1 is not applied
     * @param mask    which elements are kept
     */
    public record Term(float weight, float rescale, Mask mask) {
        public Term {
            Objects.requireNonNull(mask);
        }
    }

    public DeltaMerge {
        terms = List.copyOf(terms);
        if (terms.isEmpty() || terms.size() > MAX_TERMS) {
            throw new IllegalArgumentException(terms.size() + " terms; from 1 to " + MAX_TERMS + " are possible");
        }
    }
}

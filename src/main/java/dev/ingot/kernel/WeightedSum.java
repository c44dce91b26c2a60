// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import java.util.List;

/**
 * out = ((w0 x0 + w1 x1) + w2 x2) + ..., every product and every sum rounded to float32.
 *
 * @param weights one per model of the tile, at least one
 */
public record WeightedSum(List<Float> weights) {
    public WeightedSum {
        weights = List.copyOf(weights);
        if (weights.isEmpty()) {
            throw new IllegalArgumentException("a weighted sum needs at least one input");
        }
    }
}

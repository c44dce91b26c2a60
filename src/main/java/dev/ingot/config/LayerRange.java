// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import java.util.Objects;

/**
 * Consecutive layers of an input model. Whether the model has that many is the planner's question.
 *
 * @param start    0-based index of the first layer
 * @param end      index after the last layer, greater than {@code start}
 * @param position where it was written
 */
public record LayerRange(int start, int end, Position position) {
    /** Refuses negative, empty and reversed ranges. */
    public LayerRange {
        Objects.requireNonNull(position);
        if (start < 0 || end <= start) {
            throw position.error(
                    "layer_range [" + start + ", " + end + "] is empty, reversed or negative",
                    "give [start, end] with 0 <= start < end; the end is not included");
        }
    }

    /** Number of layers. */
    public int length() {
        return end - start;
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.checkpoint;

import java.util.Objects;

/**
 * A tensor as a file describes it, before it has a place in one.
 *
 * @param name  name in the checkpoint
 * @param dtype element type
 * @param shape dimensions
 */
public record TensorSpec(String name, Dtype dtype, Shape shape) {
    /** Checks for null. */
    public TensorSpec {
        Objects.requireNonNull(name);
        Objects.requireNonNull(dtype);
        Objects.requireNonNull(shape);
    }

    /**
     * Size of the data in bytes.
     *
     * @throws ArithmeticException if it overflows or is no whole number of bytes
     */
    public long bytes() {
        return shape.bytes(dtype);
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.checkpoint;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/**
 * The dimensions of a tensor, outermost first (row-major). Rank 0 is a scalar with one element; a dimension may be 0.
 * Immutable.
 */
public final class Shape {
    private static final Shape SCALAR = new Shape(new long[0]);

    private final long[] dims;

    private Shape(long[] dims) {
        this.dims = dims;
    }

    /**
     * A shape with these dimensions.
     *
     * @throws IllegalArgumentException if a dimension is negative
     */
    public static Shape of(long... dims) {
        for (long dim : dims) {
            if (dim < 0) {
                throw new IllegalArgumentException("negative dimension in " + Arrays.toString(dims));
            }
        }
        return dims.length == 0 ? SCALAR : new Shape(dims.clone());
    }

    /** Number of dimensions. */
    public int rank() {
        return dims.length;
    }

    /** Dimension {@code index}, counted from the outermost, 0. */
    public long dim(int index) {
        return dims[index];
    }

    /** The dimensions as a list. */
    public List<Long> dims() {
        return Arrays.stream(dims).boxed().toList();
    }

    /**
     * Number of elements.
     *
     * @throws ArithmeticException if it does not fit a long; never for a shape that was read from a valid file
     */
    public long elements() {
        OptionalLong product = product(1);
        if (product.isEmpty() || product.getAsLong() < 0) {
            throw new ArithmeticException("element count of shape " + this + " overflows");
        }
        return product.getAsLong();
    }

    /**
     * Number of bytes of a packed tensor with this shape.
     *
     * @throws ArithmeticException if the size overflows or is no whole number of bytes (types below 8 bits)
     */
    public long bytes(Dtype dtype) {
        long bits = bits(dtype).orElseThrow(() -> new ArithmeticException("size of " + dtype + this + " overflows"));
        if (bits % 8 != 0) {
            throw new ArithmeticException(dtype + " " + this + " is no whole number of bytes");
        }
        return bits >>> 3;
    }

    /** Number of bits as an unsigned 64-bit number; empty if it needs more. */
    OptionalLong bits(Dtype dtype) {
        return product(dtype.bits());
    }

    /**
     * The product is formed left to right and last with {@code unit}, as an unsigned 64-bit number, because the
     * reference does: [2^32, 2^32, 0] overflows although it has no elements, [0, 2^32, 2^32] does not.
     */
    private OptionalLong product(long unit) {
        long product = 1;
        for (int i = 0; i <= dims.length; i++) {
            long factor = i < dims.length ? dims[i] : unit;
            if (Math.unsignedMultiplyHigh(product, factor) != 0) {
                return OptionalLong.empty();
            }
            product *= factor;
        }
        return OptionalLong.of(product);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape shape && Arrays.equals(dims, shape.dims);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(dims);
    }

    /** For example {@code [2, 3]}. */
    @Override
    public String toString() {
        return Arrays.toString(dims);
    }
}

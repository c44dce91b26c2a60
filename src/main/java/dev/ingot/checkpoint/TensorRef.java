// SPDX-License-Identifier: Apache-2.0
package dev.ingot.checkpoint;

import java.nio.file.Path;
import java.util.Objects;

/**
 * Where a tensor lies in a file. The data is packed, row-major, little-endian and need not be aligned to its element
 * size.
 *
 * @param name   name in the checkpoint; any text, so never use it as a path
 * @param dtype  element type
 * @param shape  dimensions
 * @param file   the safetensors file
 * @param offset where the data begins, in bytes from the start of the file
 * @param bytes  size of the data in bytes
 */
public record TensorRef(String name, Dtype dtype, Shape shape, Path file, long offset, long bytes) {
    /** Checks that the parts fit together. */
    public TensorRef {
        Objects.requireNonNull(name);
        Objects.requireNonNull(file);
        if (offset < 0 || bytes != shape.bytes(dtype)) {
            throw new IllegalArgumentException(
                    Printable.quote(name) + ": " + bytes + " bytes at " + offset + " for " + dtype + " " + shape);
        }
    }

    /** Number of elements. */
    public long elements() {
        return shape.elements();
    }

    /** What this tensor is, without its place. */
    public TensorSpec spec() {
        return new TensorSpec(name, dtype, shape);
    }
}

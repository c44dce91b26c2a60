// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import dev.ingot.checkpoint.Dtype;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * One tensor's elements of a tile, in storage form: little-endian, packed, at any alignment.
 *
 * @param data  starts at the tile's first element; native memory or a mapped file
 * @param dtype a {@linkplain Dtype#mergeable() mergeable} element type
 */
public record Operand(MemorySegment data, Dtype dtype) {
    public Operand {
        Objects.requireNonNull(data);
        if (!dtype.mergeable()) {
            throw new IllegalArgumentException(dtype + " is not computed with");
        }
    }
}

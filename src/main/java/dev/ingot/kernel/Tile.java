// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A contiguous run of elements of one tensor, taken from every model at once.
 *
 * @param start  flat index of the first element in the whole tensor; it decides random masks and ties
 * @param count  number of elements
 * @param base   the base model's elements, for operations on deltas
 * @param models the other operands, in configuration order
 */
public record Tile(long start, long count, Optional<Operand> base, List<Operand> models) {
    public Tile {
        Objects.requireNonNull(base);
        models = List.copyOf(models);
        if (start < 0 || count < 0) {
            throw new IllegalArgumentException("negative tile bounds");
        }
    }

    /** The base operand of an operation that cannot do without. */
    public Operand requireBase() {
        return base.orElseThrow(() -> new IllegalStateException("the operation works on deltas and needs a base"));
    }
}

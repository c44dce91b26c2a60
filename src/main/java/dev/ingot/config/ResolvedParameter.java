// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import java.util.Objects;

/**
 * The value of a parameter for one tensor, and where it comes from.
 *
 * @param value    a finite number, or a name
 * @param level    the level of precedence that decided
 * @param position where the deciding number, name or list was written
 */
public record ResolvedParameter(Constant value, Level level, Position position) {
    /** Levels of precedence, highest first. */
    public enum Level {
        /** {@code parameters} of a model. */
        MODEL,
        /** {@code parameters} of a slice. */
        SLICE,
        /** {@code parameters} of a module. */
        MODULE,
        /** {@code parameters} of the configuration. */
        GLOBAL
    }

    /** Refuses nulls. */
    public ResolvedParameter {
        Objects.requireNonNull(value);
        Objects.requireNonNull(level);
        Objects.requireNonNull(position);
    }
}

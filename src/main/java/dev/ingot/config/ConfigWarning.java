// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import java.util.Objects;

/**
 * Something in a configuration that was understood but probably not meant, or that other readers of the same file
 * understand differently.
 *
 * @param message  what was read and what to write instead, one line without the place
 * @param position where
 */
public record ConfigWarning(String message, Position position) {
    /** Refuses nulls. */
    public ConfigWarning {
        Objects.requireNonNull(message);
        Objects.requireNonNull(position);
    }

    /** The message and the place, as an error would show it. */
    @Override
    public String toString() {
        return message + " (" + position + ")";
    }
}

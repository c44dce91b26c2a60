// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import java.util.Objects;

/**
 * A further checkpoint, given in the entry of the model that it belongs to.
 *
 * @param checkpoint where it is
 * @param position   where its key was written
 */
public record CompanionInput(ModelReference checkpoint, Position position) {
    /** Refuses nulls. */
    public CompanionInput {
        Objects.requireNonNull(checkpoint);
        Objects.requireNonNull(position);
    }
}

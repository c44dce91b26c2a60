// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.checkpoint.SafetensorsLayout;
import java.util.Objects;

/**
 * One output file.
 *
 * @param fileName its final name
 * @param layout   its header and the places of its tensors
 */
public record PlannedShard(String fileName, SafetensorsLayout layout) {
    /** Refuses nulls. */
    public PlannedShard {
        Objects.requireNonNull(fileName);
        Objects.requireNonNull(layout);
    }
}

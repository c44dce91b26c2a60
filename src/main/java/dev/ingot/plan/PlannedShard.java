// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.checkpoint.SafetensorsLayout;
import java.util.Objects;

/**
 * One output file.
 *
 * @param fileName its final name
 * @param stem     what its name has in common with the other files of the same checkpoint
 * @param layout   its header and the places of its tensors
 */
public record PlannedShard(String fileName, String stem, SafetensorsLayout layout) {
    /** The usual stem. */
    public static final String MODEL = "model";

    /** Refuses nulls. */
    public PlannedShard {
        Objects.requireNonNull(fileName);
        Objects.requireNonNull(stem);
        Objects.requireNonNull(layout);
    }

    /** A file of the model. */
    public PlannedShard(String fileName, SafetensorsLayout layout) {
        this(fileName, MODEL, layout);
    }
}

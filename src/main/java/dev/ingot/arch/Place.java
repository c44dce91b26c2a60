// SPDX-License-Identifier: Apache-2.0
package dev.ingot.arch;

import java.util.Optional;

/**
 * Where a tensor belongs.
 *
 * @param module the module
 * @param role   what it is there
 * @param layer  the parts of its name, as the checkpoint spells it, if it belongs to a layer
 */
public record Place(ModelModule module, Role role, Optional<LayerName> layer) {
    /** Whether it stands in front of the layers. */
    public boolean isInput() {
        return layer.isEmpty() && (role == Role.EMBEDDING || role == Role.INPUT);
    }
}

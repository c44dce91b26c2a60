// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.arch.ModelModule;
import dev.ingot.arch.Place;
import dev.ingot.config.ParameterMap;
import java.util.Optional;

/**
 * What a layout is about.
 *
 * @param module     the module; empty if it is the whole model
 * @param parameters the parameters of the module
 */
record ModuleScope(Optional<ModelModule> module, ParameterMap parameters) {
    static final ModuleScope WHOLE = new ModuleScope(Optional.empty(), ParameterMap.EMPTY);

    boolean contains(Place place) {
        return module.isEmpty() || module.get().equals(place.module());
    }
}

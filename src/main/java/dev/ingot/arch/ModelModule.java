// SPDX-License-Identifier: Apache-2.0
package dev.ingot.arch;

import java.util.List;
import java.util.Optional;

/**
 * A part of a model with one stack of layers of its own, or with none. Names are canonical.
 *
 * @param name      what configurations call it, {@code default} in models of a single module
 * @param tensors   what its tensors' names begin with; a module without takes what no other claims
 * @param layers    what stands before the layer number, such as {@code model.layers}
 * @param countKeys keys of config.json, dots between levels, that hold the number of layers; the first is written where
 *                  none is there
 */
public record ModelModule(String name, List<String> tensors, Optional<String> layers, List<String> countKeys) {
    /** Name of the only module, and of the rest where modules are inferred. */
    public static final String DEFAULT = "default";

    /** Copies the lists. */
    public ModelModule {
        tensors = List.copyOf(tensors);
        countKeys = List.copyOf(countKeys);
    }
}

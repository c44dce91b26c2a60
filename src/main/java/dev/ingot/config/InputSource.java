// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * An entry of a slice's {@code sources}: a model that takes part with some of its layers.
 *
 * @param model      the model
 * @param layerRange which of its layers
 * @param parameters parameters of this model in this slice
 * @param companions further checkpoints that belong to the model, of each kind at most one
 * @param position   where the entry was written
 */
public record InputSource(
        ModelReference model,
        LayerRange layerRange,
        ParameterMap parameters,
        Map<Companion, CompanionInput> companions,
        Position position)
        implements ModelParameters {
    /** Copies the map; refuses nulls. */
    public InputSource {
        Objects.requireNonNull(model);
        Objects.requireNonNull(layerRange);
        Objects.requireNonNull(parameters);
        Objects.requireNonNull(position);
        companions = Collections.unmodifiableMap(new TreeMap<>(companions));
        companions.values().forEach(Objects::requireNonNull);
    }

    /** Without further checkpoints. */
    public InputSource(ModelReference model, LayerRange layerRange, ParameterMap parameters, Position position) {
        this(model, layerRange, parameters, Map.of(), position);
    }
}

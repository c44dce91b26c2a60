// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * An entry of {@code models}: a model that takes part with all its layers.
 *
 * @param model      the model
 * @param parameters parameters of this model alone
 * @param companions further checkpoints that belong to the model, of each kind at most one
 * @param position   where the entry was written
 */
public record InputModel(
        ModelReference model, ParameterMap parameters, Map<Companion, CompanionInput> companions, Position position)
        implements ModelParameters {
    /** Copies the map; refuses nulls. */
    public InputModel {
        Objects.requireNonNull(model);
        Objects.requireNonNull(parameters);
        Objects.requireNonNull(position);
        companions = Collections.unmodifiableMap(new TreeMap<>(companions));
        companions.values().forEach(Objects::requireNonNull);
    }

    /** Without further checkpoints. */
    public InputModel(ModelReference model, ParameterMap parameters, Position position) {
        this(model, parameters, Map.of(), position);
    }
}

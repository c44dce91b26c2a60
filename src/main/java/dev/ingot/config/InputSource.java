// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import java.util.Objects;

/**
 * An entry of a slice's {@code sources}: a model that takes part with some of its layers.
 *
 * @param model      the model
 * @param layerRange which of its layers
 * @param parameters parameters of this model in this slice
 * @param position   where the entry was written
 */
public record InputSource(ModelReference model, LayerRange layerRange, ParameterMap parameters, Position position)
        implements ModelParameters {
    /** Refuses nulls. */
    public InputSource {
        Objects.requireNonNull(model);
        Objects.requireNonNull(layerRange);
        Objects.requireNonNull(parameters);
        Objects.requireNonNull(position);
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import java.util.Objects;

/**
 * An entry of {@code models}: a model that takes part with all its layers.
 *
 * @param model      the model
 * @param parameters parameters of this model alone
 * @param position   where the entry was written
 */
public record InputModel(ModelReference model, ParameterMap parameters, Position position)
        implements ModelParameters {
    /** Refuses nulls. */
    public InputModel {
        Objects.requireNonNull(model);
        Objects.requireNonNull(parameters);
        Objects.requireNonNull(position);
    }
}

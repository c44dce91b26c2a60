// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import java.util.List;
import java.util.Objects;

/**
 * One output tensor as a method sees it: names, sizes and resolved parameters.
 *
 * @param name     name of the output tensor
 * @param elements number of elements of every operand
 * @param models   the merged models in configuration order; without the base where that is the
 *                 {@linkplain MethodSpec.BaseRole#ORIGIN origin}
 * @param globals  parameters of the merge as a whole
 * @param seed     seed of the run
 */
public record TensorContext(
        String name, long elements, List<ModelContext> models, ParameterValues globals, long seed) {

    /**
     * One merged model.
     *
     * @param position   its place among the merged models; part of the key of random masks
     * @param parameters its resolved parameters
     */
    public record ModelContext(int position, ParameterValues parameters) {}

    public TensorContext {
        Objects.requireNonNull(name);
        models = List.copyOf(models);
    }
}

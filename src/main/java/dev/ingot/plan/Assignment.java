// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.config.ModelReference;
import dev.ingot.config.ParameterResolver;
import java.util.List;
import java.util.Optional;

/**
 * Which input tensors make an output tensor.
 *
 * @param name     name of the output tensor
 * @param position relative depth in its slice, from 0 to 1, for gradients
 * @param sources  the models that take part and what they call the tensor, in configuration order
 * @param base     the base model, if it is one of the sources
 * @param resolver where parameters are looked up
 */
record Assignment(
        String name,
        double position,
        List<Source> sources,
        Optional<ModelReference> base,
        ParameterResolver resolver) {

    /**
     * One model's tensor.
     *
     * @param model  the model
     * @param tensor the tensor's name there
     */
    record Source(ModelReference model, String tensor) {}

    Assignment {
        sources = List.copyOf(sources);
    }
}

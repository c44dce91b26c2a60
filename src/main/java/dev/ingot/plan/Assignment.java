// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.config.Companion;
import dev.ingot.config.CompanionInput;
import dev.ingot.config.ModelParameters;
import dev.ingot.config.ModelReference;
import dev.ingot.config.ParameterResolver;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which input tensors make an output tensor.
 *
 * @param name     name of the output tensor
 * @param position relative depth in its slice, from 0 to 1, for gradients
 * @param sources  the models that take part and what they call the tensor, in configuration order
 * @param base     the base model, if it is one of the sources
 * @param resolver where parameters are looked up
 * @param copied   whether the only source's tensor is taken over as it is
 */
record Assignment(
        String name,
        double position,
        List<Source> sources,
        Optional<ModelReference> base,
        ParameterResolver resolver,
        boolean copied) {

    /**
     * One model's tensor.
     *
     * @param model  the model
     * @param tensor the tensor's name there, perhaps in another spelling
     */
    record Source(ModelReference model, String tensor) {}

    Assignment {
        sources = List.copyOf(sources);
    }

    /** The models that take part. */
    List<ModelReference> models() {
        return sources.stream().map(Source::model).toList();
    }

    /** The further checkpoints that belong to a model here. */
    Map<Companion, CompanionInput> companions(ModelReference model) {
        return resolver.sources().stream()
                .filter(entry -> entry.model().equals(model))
                .findFirst()
                .map(ModelParameters::companions)
                .orElse(Map.of());
    }

    /** The same, with one model's tensor taken over as it is. */
    Assignment copying(Source source) {
        return new Assignment(name, position, List.of(source), Optional.empty(), resolver, true);
    }
}

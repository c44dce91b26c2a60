// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.checkpoint.ModelConfig;
import dev.ingot.checkpoint.Printable;
import dev.ingot.config.ModelReference;
import dev.ingot.error.ConfigException;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Refuses models that are not of one architecture. What counts is {@code model_type} of config.json, else the class names;
 * models that say neither fit to all.
 */
final class SameArchitecture {
    private SameArchitecture() {}

    /**
     * @param models the merged ones
     * @param donor  the one that the others are compared with
     * @throws ConfigException if one is of another architecture
     */
    static void require(Collection<ModelReference> models, TensorLookup lookup, ModelReference donor) {
        for (ModelReference model : models) {
            if (!agree(lookup, donor, model)) {
                throw new ConfigException(
                        "model " + model + " is of architecture " + words(lookup, model) + ", but model " + donor + " of "
                                + words(lookup, donor),
                        "merge models of one architecture, or by name and shape of their tensors with --allow-crimes");
            }
        }
    }

    private static boolean agree(TensorLookup lookup, ModelReference one, ModelReference other) {
        Optional<String> type = type(lookup, one);
        Optional<String> otherType = type(lookup, other);
        if (type.isPresent() && otherType.isPresent()) {
            return type.equals(otherType);
        }
        List<String> classes = classes(lookup, one);
        List<String> otherClasses = classes(lookup, other);
        return classes.isEmpty() || otherClasses.isEmpty() || !Collections.disjoint(classes, otherClasses);
    }

    /** A class name in the configuration counts instead of what config.json says. */
    private static Optional<String> type(TensorLookup lookup, ModelReference model) {
        return lookup.of(model).config().filter(json -> model.overrideArchitecture().isEmpty()).flatMap(ModelConfig::modelType);
    }

    private static List<String> classes(TensorLookup lookup, ModelReference model) {
        return model.overrideArchitecture()
                .map(List::of)
                .orElseGet(() -> lookup.of(model).config().map(ModelConfig::architectures).orElse(List.of()));
    }

    private static String words(TensorLookup lookup, ModelReference model) {
        return Printable.quote(type(lookup, model).orElseGet(() -> String.join(", ", classes(lookup, model))));
    }
}

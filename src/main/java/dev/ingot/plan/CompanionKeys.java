// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.config.Companion;
import dev.ingot.config.CompanionInput;
import dev.ingot.config.Layout;
import dev.ingot.config.MergeConfig;
import dev.ingot.config.ModelParameters;
import dev.ingot.config.ModelReference;
import dev.ingot.error.ConfigException;
import dev.ingot.method.MethodSpec;
import dev.ingot.method.Methods;
import java.util.List;
import java.util.Optional;

/** Refuses companions of models that the method has no use for. */
final class CompanionKeys {
    private final MethodSpec method;
    private final Methods methods;
    private final MergeConfig config;

    private CompanionKeys(MergeConfig config, MethodSpec method, Methods methods) {
        this.config = config;
        this.method = method;
        this.methods = methods;
    }

    /** @throws ConfigException at the first companion that the method does not take, or that belongs to the origin of deltas */
    static void check(MergeConfig config, MethodSpec method, Methods methods) {
        new CompanionKeys(config, method, methods).check(config.layout());
    }

    private void check(Layout layout) {
        switch (layout) {
            case Layout.Models models -> models.models().forEach(entry -> check(entry, config.baseModel()));
            case Layout.Slices slices -> slices.slices().forEach(slice ->
                    slice.sources().forEach(entry -> check(entry, slice.baseModel().or(config::baseModel))));
            case Layout.Modules modules -> modules.modules().values().forEach(module -> check(module.layout()));
        }
    }

    private void check(ModelParameters entry, Optional<ModelReference> base) {
        boolean origin = method.countsFromBase() && base.filter(entry.model()::equals).isPresent();
        entry.companions().forEach((companion, input) -> {
            if (!method.companions().contains(companion)) {
                throw refused(companion, input);
            }
            if (origin) {
                throw input.position().error(
                        "the base model takes no '" + companion.key() + "': method " + method.name()
                                + " measures the others from it and does not merge it",
                        "give it to a merged model, or remove it");
            }
        });
    }

    private ConfigException refused(Companion companion, CompanionInput input) {
        List<String> takers = methods.specs().stream()
                .filter(spec -> spec.companions().contains(companion))
                .map(MethodSpec::name)
                .toList();
        return input.position().error(
                "method " + method.name() + " takes no '" + companion.key() + "'",
                takers.isEmpty() ? "remove it" : "remove it, or use a method that does: " + String.join(", ", takers));
    }
}

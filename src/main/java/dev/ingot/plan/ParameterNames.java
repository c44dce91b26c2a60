// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.config.Layout;
import dev.ingot.config.MergeConfig;
import dev.ingot.config.ModelParameters;
import dev.ingot.config.NearestName;
import dev.ingot.config.OutputSlice;
import dev.ingot.config.ParameterMap;
import dev.ingot.method.MethodSpec;
import dev.ingot.method.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Refuses parameters that the method does not have, and warns of those that have no effect where they stand. */
final class ParameterNames {
    private final MethodSpec method;
    private final List<String> warnings = new ArrayList<>();

    private ParameterNames(MethodSpec method) {
        this.method = method;
    }

    static List<String> check(MergeConfig config, MethodSpec method) {
        ParameterNames names = new ParameterNames(method);
        names.check(config.parameters(), false);
        names.check(config.layout());
        return List.copyOf(names.warnings);
    }

    private void check(Layout layout) {
        switch (layout) {
            case Layout.Models models -> models.models().forEach(this::check);
            case Layout.Slices slices -> slices.slices().forEach(this::check);
            case Layout.Modules modules -> modules.modules().values().forEach(module -> {
                check(module.parameters(), false);
                check(module.layout());
            });
        }
    }

    private void check(OutputSlice slice) {
        check(slice.parameters(), false);
        slice.sources().forEach(this::check);
    }

    private void check(ModelParameters model) {
        check(model.parameters(), true);
    }

    private void check(ParameterMap parameters, boolean ofModel) {
        for (String name : parameters.names()) {
            Optional<Parameter> known = method.parameter(name);
            if (known.isEmpty()) {
                List<String> all = method.parameters().stream().map(Parameter::name).toList();
                throw parameters
                        .positionOf(name)
                        .error(
                                "method " + method.name() + " has no parameter '" + name + "'",
                                NearestName.suggest(name, all)
                                        .map(near -> "did you mean '" + near + "'?")
                                        .orElse("it has: " + String.join(", ", all)));
            }
            if (ofModel && known.get().level() == Parameter.Level.GLOBAL) {
                warnings.add("'" + name + "' of a single model has no effect; move it to the top-level parameters ("
                        + parameters.positionOf(name) + ")");
            }
        }
    }
}

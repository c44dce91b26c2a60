// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.checkpoint.Printable;
import dev.ingot.config.Layout;
import dev.ingot.config.MergeConfig;
import dev.ingot.config.ModelParameters;
import dev.ingot.config.NearestName;
import dev.ingot.config.OutputSlice;
import dev.ingot.config.ParameterMap;
import dev.ingot.config.Setting;
import dev.ingot.error.ConfigException;
import dev.ingot.method.MethodSpec;
import dev.ingot.method.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Refuses parameters that the method does not have, numbers where it wants names and the other way round, and names that it does
 * not know; warns of parameters that have no effect where they stand.
 */
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
            parameters.get(name).ifPresent(setting -> setting.values().forEach(value -> check(known.get(), value)));
            if (ofModel && known.get().level() == Parameter.Level.GLOBAL) {
                warnings.add("'" + name + "' of a single model has no effect; move it to the top-level parameters ("
                        + parameters.positionOf(name) + ")");
            }
        }
    }

    private static void check(Parameter parameter, Setting.Value value) {
        boolean choice = parameter.type() == Parameter.Type.CHOICE;
        if (!(value instanceof Setting.Name(String text, var position))) {
            if (choice) {
                throw refused(parameter, value);
            }
        } else if (!choice) {
            boolean flag = parameter.type() == Parameter.Type.FLAG;
            throw position.error(
                    "'" + parameter.name() + "' must be " + (flag ? "true or false" : "a number") + ", found "
                            + Printable.quote(text),
                    "give " + (flag ? "true or false" : "a number") + ": " + parameter.description());
        } else if (!parameter.choices().contains(text)) {
            throw position.error(
                    "'" + parameter.name() + "' has no value " + Printable.quote(text),
                    NearestName.suggest(text, parameter.choices())
                                    .map(near -> "did you mean '" + near + "'? ")
                                    .orElse("")
                            + "Known here are " + String.join(", ", parameter.choices()));
        }
    }

    private static ConfigException refused(Parameter parameter, Setting.Value value) {
        String found = switch (value) {
            case Setting.Gradient gradient -> "a list";
            case Setting.Scalar scalar -> "the number " + ParameterReader.plain(scalar.value());
            case Setting.Name name -> throw new IllegalArgumentException(name + " is a name");
        };
        return value.position().error(
                "'" + parameter.name() + "' must be one of the names " + String.join(", ", parameter.choices())
                        + ", found " + found,
                "give a name: " + parameter.description());
    }
}

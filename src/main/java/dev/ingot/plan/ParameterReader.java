// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.config.ModelReference;
import dev.ingot.config.ResolvedParameter;
import dev.ingot.error.ConfigException;
import dev.ingot.method.MethodSpec;
import dev.ingot.method.Parameter;
import dev.ingot.method.ParameterValues;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Settles the parameters of one output tensor: precedence, gradients, conditions, defaults, ranges. */
final class ParameterReader {
    private final MethodSpec method;

    ParameterReader(MethodSpec method) {
        this.method = method;
    }

    /** Parameters of the merge as a whole. */
    ParameterValues globals(Assignment assignment) {
        Map<String, Double> values = new TreeMap<>();
        for (Parameter parameter : method.parameters()) {
            if (parameter.level() == Parameter.Level.GLOBAL) {
                Optional<ResolvedParameter> found =
                        assignment.resolver().global(parameter.name(), assignment.name(), assignment.position());
                put(values, parameter, found, assignment.name());
            }
        }
        return new ParameterValues(values);
    }

    /** Parameters of one model. */
    ParameterValues of(Assignment assignment, Assignment.Source source) {
        Map<String, Double> values = new TreeMap<>();
        for (Parameter parameter : method.parameters()) {
            if (parameter.level() == Parameter.Level.PER_MODEL) {
                Optional<ResolvedParameter> found = assignment
                        .resolver()
                        .forModel(parameter.name(), source.model(), source.tensor(), assignment.position());
                put(values, parameter, found, where(source));
            }
        }
        return new ParameterValues(values);
    }

    private static String where(Assignment.Source source) {
        ModelReference model = source.model();
        return source.tensor() + " of model " + model;
    }

    private void put(
            Map<String, Double> values, Parameter parameter, Optional<ResolvedParameter> found, String where) {
        if (found.isEmpty()) {
            if (parameter.required()) {
                throw new ConfigException(
                        method.name() + ": required parameter '" + parameter.name() + "' is not set for " + where,
                        parameter.level() == Parameter.Level.PER_MODEL
                                ? "set it in the model's parameters, or once for all in the top-level parameters"
                                : "set it in the top-level parameters");
            }
            parameter.defaultValue().ifPresent(value -> values.put(parameter.name(), value));
            return;
        }
        double value = found.get().value();
        boolean fits = parameter.type() == Parameter.Type.FLAG
                ? value == 0 || value == 1
                : parameter.range().contains(value);
        if (!fits) {
            String wanted = parameter.type() == Parameter.Type.FLAG
                    ? "true or false"
                    : "a number in " + parameter.range();
            throw found.get()
                    .position()
                    .error(
                            method.name() + ": " + parameter.name() + " " + plain(value) + " for " + where
                                    + " is not " + wanted,
                            "give " + wanted + ": " + parameter.description());
        }
        values.put(parameter.name(), value);
    }

    private static String plain(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15 ? Long.toString((long) value) : Double.toString(value);
    }
}

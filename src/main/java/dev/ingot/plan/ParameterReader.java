// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.config.Constant;
import dev.ingot.config.ModelReference;
import dev.ingot.config.ResolvedParameter;
import dev.ingot.error.ConfigException;
import dev.ingot.method.MethodSpec;
import dev.ingot.method.Parameter;
import dev.ingot.method.ParameterValues;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Settles the parameters of one output tensor: precedence, gradients, conditions, defaults, ranges. That numbers stand where
 * numbers are wanted, and known names where names are, {@link ParameterNames} has seen to.
 */
final class ParameterReader {
    private final MethodSpec method;

    ParameterReader(MethodSpec method) {
        this.method = method;
    }

    /** Parameters of the merge as a whole. */
    ParameterValues globals(Assignment assignment) {
        Settled settled = new Settled();
        for (Parameter parameter : method.parameters()) {
            if (parameter.level() == Parameter.Level.GLOBAL) {
                Optional<ResolvedParameter> found =
                        assignment.resolver().global(parameter.name(), assignment.name(), assignment.position());
                put(settled, parameter, found, assignment.name());
            }
        }
        return settled.values();
    }

    /** Parameters of one model. */
    ParameterValues of(Assignment assignment, Assignment.Source source) {
        Settled settled = new Settled();
        for (Parameter parameter : method.parameters()) {
            if (parameter.level() == Parameter.Level.PER_MODEL) {
                Optional<ResolvedParameter> found = assignment
                        .resolver()
                        .forModel(parameter.name(), source.model(), source.tensor(), assignment.position());
                put(settled, parameter, found, where(source));
            }
        }
        return settled.values();
    }

    private static String where(Assignment.Source source) {
        ModelReference model = source.model();
        return source.tensor() + " of model " + model;
    }

    private void put(Settled settled, Parameter parameter, Optional<ResolvedParameter> found, String where) {
        if (found.isEmpty()) {
            if (parameter.required()) {
                throw new ConfigException(
                        method.name() + ": required parameter '" + parameter.name() + "' is not set for " + where,
                        parameter.level() == Parameter.Level.PER_MODEL
                                ? "set it in the model's parameters, or once for all in the top-level parameters"
                                : "set it in the top-level parameters");
            }
            settled.putDefault(parameter);
            return;
        }
        switch (found.get().value()) {
            case Constant.Number(double number) -> settled.put(parameter, checked(parameter, number, found.get(), where));
            case Constant.Name(String name) -> settled.put(parameter, name);
        }
    }

    private double checked(Parameter parameter, double value, ResolvedParameter found, String where) {
        boolean fits = parameter.type() == Parameter.Type.FLAG
                ? value == 0 || value == 1
                : parameter.range().contains(value);
        if (!fits) {
            String wanted = parameter.type() == Parameter.Type.FLAG
                    ? "true or false"
                    : "a number in " + parameter.range();
            throw found.position()
                    .error(
                            method.name() + ": " + parameter.name() + " " + plain(value) + " for " + where
                                    + " is not " + wanted,
                            "give " + wanted + ": " + parameter.description());
        }
        return value;
    }

    /** Values so far. */
    private static final class Settled {
        private final Map<String, Double> numbers = new TreeMap<>();
        private final Map<String, String> choices = new TreeMap<>();

        void putDefault(Parameter parameter) {
            parameter.defaultChoice().ifPresentOrElse(
                    name -> put(parameter, name),
                    () -> parameter.defaultValue().ifPresent(value -> put(parameter, value)));
        }

        void put(Parameter parameter, double number) {
            numbers.put(parameter.name(), number);
        }

        void put(Parameter parameter, String name) {
            choices.put(parameter.name(), name);
        }

        ParameterValues values() {
            return new ParameterValues(numbers, choices);
        }
    }

    /** The number as one would write it. */
    static String plain(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15 ? Long.toString((long) value) : Double.toString(value);
    }
}

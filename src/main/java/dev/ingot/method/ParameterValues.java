// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * Values of parameters after defaults, precedence and ranges have been settled.
 *
 * @param values  name to number, in ascending order of names; unset optional parameters are absent
 * @param choices name to chosen name, in ascending order
 */
public record ParameterValues(Map<String, Double> values, Map<String, String> choices) {
    public ParameterValues {
        values = Collections.unmodifiableMap(new TreeMap<>(values));
        choices = Collections.unmodifiableMap(new TreeMap<>(choices));
    }

    /** Without choices. */
    public ParameterValues(Map<String, Double> values) {
        this(values, Map.of());
    }

    /** The value of a parameter that is required or has a default. */
    public double number(String name) {
        Double value = values.get(name);
        if (value == null) {
            throw new IllegalStateException("parameter " + name + " was not resolved");
        }
        return value;
    }

    /** The value of a parameter that may be unset. */
    public OptionalDouble optional(String name) {
        Double value = values.get(name);
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
    }

    /** The value of a flag. */
    public boolean flag(String name) {
        return number(name) != 0;
    }

    /** The name that was chosen. */
    public String choice(String name) {
        String chosen = choices.get(name);
        if (chosen == null) {
            throw new IllegalStateException("parameter " + name + " was not resolved");
        }
        return chosen;
    }

    /** The chosen constant of an enum, for parameters that are a choice between its constants. */
    public <E extends Enum<E>> E choice(String name, Class<E> constants) {
        return Enum.valueOf(constants, choice(name).toUpperCase(Locale.ROOT));
    }

    /** Numbers and chosen names, in ascending order of the parameters' names. */
    public Map<String, Object> all() {
        Map<String, Object> all = new TreeMap<>(values);
        all.putAll(choices);
        return all;
    }

    /** All values, in the words that plans without choices have been identified by. */
    @Override
    public String toString() {
        return "ParameterValues[values=" + values + (choices.isEmpty() ? "" : ", choices=" + choices) + "]";
    }
}

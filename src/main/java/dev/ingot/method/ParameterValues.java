// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import java.util.Collections;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * Values of parameters after defaults, precedence and ranges have been settled.
 *
 * @param values name to value, in ascending order of names; unset optional parameters are absent
 */
public record ParameterValues(Map<String, Double> values) {
    public ParameterValues {
        values = Collections.unmodifiableMap(new TreeMap<>(values));
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
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import java.util.Objects;
import java.util.OptionalDouble;

/**
 * One parameter of a method.
 *
 * @param name         its key in the configuration
 * @param level        where it can be set
 * @param type         what values it takes
 * @param defaultValue the value where none is set
 * @param required     whether it must be set; then there is no default
 * @param range        the values that make sense
 * @param description  one line for users
 */
public record Parameter(
        String name,
        Level level,
        Type type,
        OptionalDouble defaultValue,
        boolean required,
        Range range,
        String description) {

    /** Where a parameter can be set. */
    public enum Level {
        /** For the whole merge, a module or a slice. */
        GLOBAL,
        /** For a single model too. */
        PER_MODEL
    }

    /** What values a parameter takes. */
    public enum Type {
        /** A finite number. */
        NUMBER,
        /** true or false. */
        FLAG
    }

    /**
     * An interval of numbers.
     *
     * @param low     lower end
     * @param lowOpen whether the lower end itself is excluded
     * @param high    upper end, included
     */
    public record Range(double low, boolean lowOpen, double high) {
        /** All finite numbers. */
        public static final Range ANY = new Range(Double.NEGATIVE_INFINITY, true, Double.POSITIVE_INFINITY);

        /** (0, 1]. */
        public static final Range FRACTION = new Range(0, true, 1);

        /** Whether the interval holds this number. */
        public boolean contains(double value) {
            return (lowOpen ? value > low : value >= low) && value <= high && Double.isFinite(value);
        }

        @Override
        public String toString() {
            return this.equals(ANY) ? "any number" : (lowOpen ? "(" : "[") + plain(low) + ", " + plain(high) + "]";
        }

        private static String plain(double value) {
            return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
        }
    }

    public Parameter {
        Objects.requireNonNull(name);
        Objects.requireNonNull(range);
        if (required && defaultValue.isPresent()) {
            throw new IllegalArgumentException(name + " is required and has a default");
        }
    }

    /** A number that must be set. */
    public static Parameter required(String name, Level level, Range range, String description) {
        return new Parameter(name, level, Type.NUMBER, OptionalDouble.empty(), true, range, description);
    }

    /** A number with a default. */
    public static Parameter number(String name, Level level, double byDefault, Range range, String description) {
        return new Parameter(name, level, Type.NUMBER, OptionalDouble.of(byDefault), false, range, description);
    }

    /** A number that may be left out without a substitute. */
    public static Parameter optional(String name, Level level, Range range, String description) {
        return new Parameter(name, level, Type.NUMBER, OptionalDouble.empty(), false, range, description);
    }

    /** A global flag. */
    public static Parameter flag(String name, boolean byDefault, String description) {
        OptionalDouble value = OptionalDouble.of(byDefault ? 1 : 0);
        return new Parameter(name, Level.GLOBAL, Type.FLAG, value, false, new Range(0, false, 1), description);
    }
}

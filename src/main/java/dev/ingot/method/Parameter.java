// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * One parameter of a method.
 *
 * @param name         its key in the configuration
 * @param level        where it can be set
 * @param type         what values it takes
 * @param defaultValue the value where none is set; of a choice the index of the name
 * @param required     whether it must be set; then there is no default
 * @param range        the numbers that make sense
 * @param choices      the names that a choice is between, empty for other types
 * @param description  one line for users
 */
public record Parameter(
        String name,
        Level level,
        Type type,
        OptionalDouble defaultValue,
        boolean required,
        Range range,
        List<String> choices,
        String description) {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]*");

    /** What YAML reads as something else unless it is quoted. */
    private static final Set<String> NO_NAMES = Set.of("true", "false", "yes", "no", "on", "off", "null");

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
        FLAG,
        /** One of several names. */
        CHOICE
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
        choices = List.copyOf(choices);
        if (choices.isEmpty() == (type == Type.CHOICE)) {
            throw new IllegalArgumentException(name + " is a " + type + " of " + choices);
        }
        for (String choice : choices) {
            if (!NAME.matcher(choice).matches() || NO_NAMES.contains(choice)) {
                throw new IllegalArgumentException(name + ": '" + choice + "' cannot be written as a name in YAML");
            }
        }
    }

    /** A number that must be set. */
    public static Parameter required(String name, Level level, Range range, String description) {
        return new Parameter(name, level, Type.NUMBER, OptionalDouble.empty(), true, range, List.of(), description);
    }

    /** A number with a default. */
    public static Parameter number(String name, Level level, double byDefault, Range range, String description) {
        OptionalDouble value = OptionalDouble.of(byDefault);
        return new Parameter(name, level, Type.NUMBER, value, false, range, List.of(), description);
    }

    /** A number that may be left out without a substitute. */
    public static Parameter optional(String name, Level level, Range range, String description) {
        return new Parameter(name, level, Type.NUMBER, OptionalDouble.empty(), false, range, List.of(), description);
    }

    /** A global flag. */
    public static Parameter flag(String name, boolean byDefault, String description) {
        return flag(name, Level.GLOBAL, byDefault, description);
    }

    /** A flag. */
    public static Parameter flag(String name, Level level, boolean byDefault, String description) {
        OptionalDouble value = OptionalDouble.of(byDefault ? 1 : 0);
        return new Parameter(
                name, level, Type.FLAG, value, false, new Range(0, false, 1), List.of(), description);
    }

    /**
     * A choice between names, which are written in lower case with underscores.
     *
     * @param byDefault the name where none is set
     */
    public static Parameter choice(
            String name, Level level, List<String> names, String byDefault, String description) {
        int index = names.indexOf(byDefault);
        if (index < 0) {
            throw new IllegalArgumentException(name + ": default " + byDefault + " is not among " + names);
        }
        return new Parameter(
                name, level, Type.CHOICE, OptionalDouble.of(index), false, Range.ANY, names, description);
    }

    /** A choice between the constants of an enum, whose names are written in lower case. */
    public static <E extends Enum<E>> Parameter choice(
            String name, Level level, Class<E> constants, E byDefault, String description) {
        List<String> names = Arrays.stream(constants.getEnumConstants()).map(Parameter::nameOf).toList();
        return choice(name, level, names, nameOf(byDefault), description);
    }

    /** The name that a choice has where none is set. */
    public Optional<String> defaultChoice() {
        return type == Type.CHOICE && defaultValue.isPresent()
                ? Optional.of(choices.get((int) defaultValue.getAsDouble()))
                : Optional.empty();
    }

    private static String nameOf(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}

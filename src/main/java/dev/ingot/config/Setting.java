// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The value of a method parameter, which may depend on the tensor's name and on its depth in the output slice.
 * All numbers in it are finite. Whether the parameter takes numbers or names is the method's business.
 */
public sealed interface Setting {
    /** Where it was written. */
    Position position();

    /**
     * The number, gradient or name that applies to a tensor; empty if conditions exclude the tensor.
     *
     * @param tensorName full name of the tensor; conditions test for substrings of it
     */
    Optional<Value> select(String tensorName);

    /** The values that it may come to, in the order in which they were written. */
    List<Value> values();

    /**
     * The number for a tensor; empty if conditions exclude it, in which case the search goes on at the next level of
     * precedence ({@link ParameterResolver}).
     *
     * @param tensorName full name of the tensor; conditions test for substrings of it
     * @param t          relative depth in the output slice, from 0 (first layer) to 1 (last layer)
     * @throws IllegalStateException if it is a name
     */
    default OptionalDouble evaluate(String tensorName, double t) {
        Optional<Value> value = select(tensorName);
        return value.isEmpty() ? OptionalDouble.empty() : switch (value.get().at(t)) {
            case Constant.Number(double number) -> OptionalDouble.of(number);
            case Constant.Name(String text) -> throw new IllegalStateException(Quote.of(text) + " is no number");
        };
    }

    /** A number that was not written in a file. */
    static Setting of(double value) {
        return new Scalar(value, Position.NONE);
    }

    /** A name that was not written in a file. */
    static Setting of(String name) {
        return new Name(name, Position.NONE);
    }

    /** A gradient that was not written in a file. */
    static Setting gradient(double... values) {
        return new Gradient(Arrays.stream(values).boxed().toList(), Position.NONE);
    }

    /** A setting that applies to every tensor. */
    sealed interface Value extends Setting {
        /**
         * The value at a depth.
         *
         * @param t relative depth in the output slice, from 0 to 1
         */
        Constant at(double t);

        @Override
        default List<Value> values() {
            return List.of(this);
        }

        @Override
        default Optional<Value> select(String tensorName) {
            return Optional.of(this);
        }
    }

    /**
     * The same number everywhere. Booleans are 1 and 0.
     *
     * @param value    a finite number
     * @param position where it was written
     */
    record Scalar(double value, Position position) implements Value {
        /** Refuses NaN and infinities. */
        public Scalar {
            Objects.requireNonNull(position);
            requireFinite(value, position);
        }

        @Override
        public Constant at(double t) {
            requireDepth(t);
            return new Constant.Number(value);
        }
    }

    /**
     * The same name everywhere.
     *
     * @param text     the name
     * @param position where it was written
     */
    record Name(String text, Position position) implements Value {
        /** Refuses blank text. */
        public Name {
            Objects.requireNonNull(position);
            if (text.isBlank()) {
                throw position.error("a name is needed, found " + Quote.of(text), "give a name");
            }
        }

        @Override
        public Constant at(double t) {
            requireDepth(t);
            return new Constant.Name(text);
        }
    }

    /**
     * Numbers spread evenly over the depth, with linear interpolation between neighbours.
     *
     * @param numbers  at least one finite number: the first for depth 0, the last for depth 1
     * @param position where the list begins
     */
    record Gradient(List<Double> numbers, Position position) implements Value {
        /** Refuses an empty list, NaN and infinities. */
        public Gradient {
            Objects.requireNonNull(position);
            numbers = List.copyOf(numbers);
            if (numbers.isEmpty()) {
                throw position.error("an empty list is no gradient", "give at least one number");
            }
            for (double number : numbers) {
                requireFinite(number, position);
            }
        }

        /** {@inheritDoc} In double precision, in exactly this order of operations (mergekit.md 1.3). */
        @Override
        public Constant at(double t) {
            requireDepth(t);
            int last = numbers.size() - 1;
            double s = t * last;
            int i0 = (int) s;
            int i1 = Math.min(last, i0 + 1);
            double f = s - i0;
            return new Constant.Number((1 - f) * numbers.get(i0) + f * numbers.get(i1));
        }
    }

    /**
     * A value for the tensors whose name contains a text.
     *
     * @param filter   case-sensitive substring of the tensor name; absent or {@code *} accepts every tensor
     * @param value    the value for these tensors
     * @param position where it was written
     */
    record Conditional(Optional<String> filter, Value value, Position position) implements Setting {
        /** Refuses nulls. */
        public Conditional {
            Objects.requireNonNull(filter);
            Objects.requireNonNull(value);
            Objects.requireNonNull(position);
        }

        /** Whether it accepts every tensor. */
        public boolean acceptsAll() {
            return filter.isEmpty() || filter.get().equals("*");
        }

        @Override
        public Optional<Value> select(String tensorName) {
            boolean accepted = acceptsAll() || !tensorName.isEmpty() && tensorName.contains(filter.get());
            return accepted ? Optional.of(value) : Optional.empty();
        }

        @Override
        public List<Value> values() {
            return List.of(value);
        }
    }

    /**
     * Conditions of which the first that accepts the tensor counts.
     *
     * @param conditions at least one
     * @param position   where the list begins
     */
    record FirstMatch(List<Conditional> conditions, Position position) implements Setting {
        /** Refuses an empty list. */
        public FirstMatch {
            Objects.requireNonNull(position);
            conditions = List.copyOf(conditions);
            if (conditions.isEmpty()) {
                throw position.error("an empty list of conditions sets nothing", "give at least one condition");
            }
        }

        @Override
        public Optional<Value> select(String tensorName) {
            for (Conditional condition : conditions) {
                Optional<Value> value = condition.select(tensorName);
                if (value.isPresent()) {
                    return value;
                }
            }
            return Optional.empty();
        }

        @Override
        public List<Value> values() {
            return conditions.stream().map(Conditional::value).toList();
        }
    }

    private static void requireFinite(double value, Position position) {
        if (!Double.isFinite(value)) {
            throw position.error("a finite number is needed, found " + value, "give a finite number");
        }
    }

    private static void requireDepth(double t) {
        if (!(t >= 0 && t <= 1)) {
            throw new IllegalArgumentException("depth " + t + " is outside 0..1");
        }
    }
}

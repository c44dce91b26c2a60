// SPDX-License-Identifier: Apache-2.0
package dev.ingot.checkpoint;

import dev.ingot.error.CheckpointException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * The values of a model's {@code config.json} by key, where {@code text_config.num_hidden_layers} is a key inside an
 * object. A value null counts as absent. Immutable.
 */
public final class ModelConfig {
    private record NumberText(String text) {
        @Override
        public String toString() {
            return text;
        }
    }

    private final Path file;
    private final Map<String, Object> values;

    private ModelConfig(Path file, Map<String, Object> values) {
        this.file = file;
        this.values = values;
    }

    /**
     * Reads a {@code config.json}.
     *
     * @throws CheckpointException if the file cannot be read or is not a JSON object; with line and column
     */
    public static ModelConfig read(Path file) {
        return JsonInput.parse(file, parser -> {
            Map<String, Object> values = new HashMap<>();
            JsonInput.expect(file, parser, JsonToken.START_OBJECT, "an object");
            readObject(parser, "", values);
            return new ModelConfig(file, Map.copyOf(values));
        });
    }

    private static void readObject(JsonParser parser, String prefix, Map<String, Object> values) {
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = prefix + parser.currentName();
            parser.nextToken();
            switch (parser.currentToken()) {
                case START_OBJECT -> readObject(parser, key + ".", values);
                case START_ARRAY -> values.put(key, readList(parser));
                case VALUE_NULL -> { }
                default -> values.put(key, scalar(parser));
            }
        }
    }

    /** Only scalars of a list are kept: no key leads into lists. */
    private static List<Object> readList(JsonParser parser) {
        List<Object> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            switch (parser.currentToken()) {
                case START_OBJECT, START_ARRAY -> parser.skipChildren();
                case VALUE_NULL -> { }
                default -> items.add(scalar(parser));
            }
        }
        return List.copyOf(items);
    }

    private static Object scalar(JsonParser parser) {
        return switch (parser.currentToken()) {
            case VALUE_STRING -> parser.getString();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> new NumberText(parser.getString());
        };
    }

    /** The file that was read. */
    public Path file() {
        return file;
    }

    /** Whether the key has a value other than null. An object itself is no value, its members are. */
    public boolean contains(String dottedKey) {
        return values.containsKey(dottedKey);
    }

    /** All keys with a value other than null. */
    public Set<String> keys() {
        return values.keySet();
    }

    /** The integers of a list, or the one integer; empty if the key is absent or has any other value. */
    public List<Long> integers(String dottedKey) {
        Object value = values.get(dottedKey);
        List<?> items = value instanceof List<?> list ? list : value == null ? List.of() : List.of(value);
        List<Long> integers = new ArrayList<>();
        for (Object item : items) {
            Long integer = item instanceof NumberText number ? toLong(number.text()) : null;
            if (integer == null) {
                return List.of();
            }
            integers.add(integer);
        }
        return integers;
    }

    /**
     * An integer.
     *
     * @throws CheckpointException if the key has another value
     */
    public Optional<Long> integer(String dottedKey) {
        return get(dottedKey, "an integer", value -> value instanceof NumberText number ? toLong(number.text()) : null);
    }

    /**
     * A number, with or without a fraction.
     *
     * @throws CheckpointException if the key has another value, NaN or an infinity
     */
    public Optional<Double> number(String dottedKey) {
        return get(dottedKey, "a number", value -> value instanceof NumberText number && isFinite(number)
                ? new BigDecimal(number.text()).doubleValue() : null);
    }

    /**
     * A string.
     *
     * @throws CheckpointException if the key has another value
     */
    public Optional<String> string(String dottedKey) {
        return get(dottedKey, "a string", value -> value instanceof String text ? text : null);
    }

    /**
     * True or false.
     *
     * @throws CheckpointException if the key has another value
     */
    public Optional<Boolean> bool(String dottedKey) {
        return get(dottedKey, "true or false", value -> value instanceof Boolean flag ? flag : null);
    }

    /**
     * A list of strings; empty if the key is absent.
     *
     * @throws CheckpointException if the key has another value
     */
    public List<String> strings(String dottedKey) {
        return get(dottedKey, "a list of strings", value -> {
            boolean strings = value instanceof List<?> list && list.stream().allMatch(String.class::isInstance);
            return strings ? ((List<?>) value).stream().map(String.class::cast).toList() : null;
        }).orElse(List.of());
    }

    /**
     * A list of strings, truth values and numbers, as {@link ConfigJsonEditor} takes them back; empty if the key is absent.
     * Entries of other kinds, NaN and infinities are left out.
     *
     * @throws CheckpointException if the key has another value than a list
     */
    public Optional<List<Object>> list(String dottedKey) {
        return get(dottedKey, "a list", value -> value instanceof List<?> list
                ? list.stream().filter(ModelConfig::isFinite).map(ModelConfig::plain).toList()
                : null);
    }

    /** Not NaN or one of the infinities, whose texts have no digits. */
    private static boolean isFinite(Object item) {
        return !(item instanceof NumberText number) || number.text().chars().anyMatch(Character::isDigit);
    }

    private static Object plain(Object item) {
        if (item instanceof NumberText number) {
            boolean integral = number.text().matches("-?\\d{1,18}");
            return integral ? (Object) Long.valueOf(number.text()) : new BigDecimal(number.text()).doubleValue();
        }
        return item;
    }

    /** Whether an object of this name, dots between levels, has members. */
    public boolean hasObject(String dottedKey) {
        return values.keySet().stream().anyMatch(key -> key.startsWith(dottedKey + "."));
    }

    /** The names under {@code architectures}; empty if absent. */
    public List<String> architectures() {
        return strings("architectures");
    }

    /** The {@code model_type}. */
    public Optional<String> modelType() {
        return string("model_type");
    }

    /** Whether {@code tie_word_embeddings} is set at the top; the default where it is absent differs by model type. */
    public Optional<Boolean> tieWordEmbeddings() {
        return bool("tie_word_embeddings");
    }

    private <T> Optional<T> get(String key, String expected, Function<Object, T> convert) {
        Object value = values.get(key);
        if (value == null) {
            return Optional.empty();
        }
        T converted = convert.apply(value);
        if (converted == null) {
            throw new CheckpointException(
                    Printable.path(file) + ": " + Printable.quote(key) + ": " + expected + " expected, found "
                            + Printable.quote(value.toString()),
                    "Correct the file or download it again.");
        }
        return Optional.of(converted);
    }

    /** 32, but also 32.0 and 3.2e1, which some exporters write; null if there is a fraction or it does not fit. */
    private static Long toLong(String text) {
        try {
            return new BigDecimal(text).longValueExact();
        } catch (ArithmeticException | NumberFormatException e) {
            return null;
        }
    }
}

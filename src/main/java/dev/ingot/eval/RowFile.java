// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

import dev.ingot.checkpoint.Printable;
import dev.ingot.error.ConfigException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads files of methods to measure; {@code docs/quality.md} describes them. */
final class RowFile {
    private static final Map<String, List<String>> BUILT_IN = Map.of(
            "vision", List.of("quality-vision.yml", "quality-vision-matrices.yml"),
            "language", List.of("quality-language.yml"));

    private static final long LARGEST = 1 << 20;
    private static final int MOST_VALUES = 1000;
    private static final Set<String> KEYS = Set.of(
            "name", "reference", "model", "merge", "lambda", "tune", "seed", "per_task", "per_expert");
    private static final String NUMBER = "-?\\d{1,6}(?:\\.\\d{1,6})?";
    private static final Pattern VALUE = Pattern.compile("(" + NUMBER + ")(?: to (" + NUMBER + ") by (" + NUMBER + "))?");

    private RowFile() {}

    /**
     * The methods that come with Ingot.
     *
     * @param kind the kind of family
     */
    static List<RowTemplate> builtIn(String kind) {
        List<RowTemplate> rows = new ArrayList<>();
        for (String file : BUILT_IN.get(kind)) {
            try (InputStream in = RowFile.class.getResourceAsStream(file)) {
                rows.addAll(parse(new String(in.readAllBytes(), StandardCharsets.UTF_8), file));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return rows;
    }

    /**
     * The methods of a user's file.
     *
     * @throws ConfigException if it cannot be read or understood
     */
    static List<RowTemplate> read(Path file) {
        try {
            if (Files.isRegularFile(file) && Files.size(file) <= LARGEST) {
                return parse(Files.readString(file), Printable.path(file));
            }
        } catch (IOException e) {
            throw new ConfigException(Printable.path(file) + ": cannot be read as UTF-8 text", "check the file", e);
        }
        throw new ConfigException(
                Printable.path(file) + ": no such file, or larger than " + LARGEST + " bytes",
                "give a file of methods; docs/quality.md describes it");
    }

    /**
     * The methods of a text.
     *
     * @param source what messages call it
     * @throws ConfigException if it cannot be understood; with line and column
     */
    static List<RowTemplate> parse(String text, String source) {
        return YamlRows.read(text, source).stream().map(RowFile::template).toList();
    }

    private static RowTemplate template(YamlRows.Row row) {
        row.keys().stream().filter(key -> !KEYS.contains(key)).findFirst().ifPresent(key -> {
            throw new ConfigException("unknown key " + Printable.quote(key) + " (" + row.where(key) + ")",
                    "keys are: " + String.join(", ", KEYS.stream().sorted().toList()));
        });
        String name = row.text("name").orElseThrow(() -> new ConfigException(
                "a row without a name (" + row.where() + ")", "begin it with '- name: ...'"));
        if (row.has("model") == row.has("merge")) {
            throw new ConfigException("row " + Printable.quote(name) + " needs either merge or model (" + row.where() + ")",
                    "give a merge configuration under 'merge: |', or the path of a model");
        }
        if (row.has("lambda") && row.has("tune")) {
            throw new ConfigException("lambda is given and to be tuned (" + row.where("tune") + ")", "remove one of both");
        }
        boolean isMerge = row.has("merge");
        return new RowTemplate(row.where() + ", row " + Printable.quote(name), name,
                row.text("reference").orElse(name), isMerge, row.text(isMerge ? "merge" : "model").orElseThrow(),
                numbers(row, "lambda"), numbers(row, "tune").stream().sorted().toList(), seeds(row),
                flag(row, "per_task"), flag(row, "per_expert"));
    }

    private static List<Long> seeds(YamlRows.Row row) {
        List<Long> seeds = new ArrayList<>();
        for (BigDecimal number : numbers(row, "seed")) {
            try {
                seeds.add(number.longValueExact());
            } catch (ArithmeticException e) {
                throw new ConfigException(
                        "seed " + number + " is no integer (" + row.where("seed") + ")", "give integers", e);
            }
        }
        return seeds;
    }

    private static boolean flag(YamlRows.Row row, String key) {
        return switch (row.text(key).orElse("false")) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new ConfigException(key + " is neither true nor false (" + row.where(key) + ")",
                    "write true or false");
        };
    }

    /** Numbers and ranges of them, such as {@code 0.1 to 1.0 by 0.1}. */
    private static List<BigDecimal> numbers(YamlRows.Row row, String key) {
        List<BigDecimal> numbers = new ArrayList<>();
        for (String item : row.items(key)) {
            Matcher parts = VALUE.matcher(item);
            if (!parts.matches()) {
                throw new ConfigException(key + ": " + Printable.quote(item) + " is no number (" + row.where(key) + ")",
                        "give numbers such as 0.3, or ranges such as 0.1 to 1.0 by 0.1");
            }
            BigDecimal first = new BigDecimal(parts.group(1));
            BigDecimal last = parts.group(2) == null ? first : new BigDecimal(parts.group(2));
            BigDecimal step = parts.group(3) == null ? BigDecimal.ONE : new BigDecimal(parts.group(3));
            for (BigDecimal value = first; value.compareTo(last) <= 0; value = value.add(step)) {
                numbers.add(value);
                if (step.signum() <= 0 || numbers.size() > MOST_VALUES) {
                    throw new ConfigException(
                            key + ": " + Printable.quote(item) + " does not end (" + row.where(key) + ")",
                            "give a range of at most " + MOST_VALUES + " values");
                }
            }
        }
        if (row.has(key) && numbers.isEmpty()) {
            throw new ConfigException(key + " has no values (" + row.where(key) + ")", "give some, or remove the key");
        }
        return numbers;
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

import dev.ingot.checkpoint.JsonInput;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Scores that were measured elsewhere: {@code {"rows": [{"method": ..., "acc" or "bpb": {TASK: ...}, "lam": ...}]}}. */
final class ReferenceTable {
    /** A table without rows. */
    static final ReferenceTable NONE = new ReferenceTable(Map.of());

    private final Map<String, QualityResult.Reference> rows;

    private ReferenceTable(Map<String, QualityResult.Reference> rows) {
        this.rows = Map.copyOf(rows);
    }

    /**
     * Reads the rows that have a score for every task of the family; others are left out.
     *
     * @throws dev.ingot.error.CheckpointException if the file cannot be read or is no such table
     */
    static ReferenceTable read(Path file, QualityFamily family) {
        Map<String, QualityResult.Reference> rows = new HashMap<>();
        JsonInput.parse(file, parser -> {
            JsonInput.expect(file, parser, JsonToken.START_OBJECT, "an object");
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                boolean isRows = parser.currentName().equals("rows");
                parser.nextToken();
                if (isRows) {
                    JsonInput.expect(file, parser, JsonToken.START_ARRAY, "a list of rows");
                    while (parser.nextToken() != JsonToken.END_ARRAY) {
                        JsonInput.expect(file, parser, JsonToken.START_OBJECT, "a row");
                        row(parser, family).ifPresent(row -> rows.put(row.name(), row));
                    }
                } else {
                    parser.skipChildren();
                }
            }
            return rows;
        });
        return new ReferenceTable(rows);
    }

    private static Optional<QualityResult.Reference> row(JsonParser parser, QualityFamily family) {
        String name = "";
        OptionalDouble lambda = OptionalDouble.empty();
        Map<String, Double> scores = Map.of();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            JsonToken token = parser.nextToken();
            if (key.equals("method") && token == JsonToken.VALUE_STRING) {
                name = parser.getString();
            } else if (key.equals("lam") && token.isNumeric()) {
                lambda = OptionalDouble.of(parser.getDoubleValue());
            } else if (key.equals(family.referenceKey()) && token == JsonToken.START_OBJECT) {
                scores = numbers(parser);
            } else {
                parser.skipChildren();
            }
        }
        List<Double> ordered = new ArrayList<>();
        for (String task : family.tasks()) {
            if (!scores.containsKey(task)) {
                return Optional.empty();
            }
            ordered.add(scores.get(task) * family.referenceScale());
        }
        return Optional.of(new QualityResult.Reference(name, ordered, family.mean(ordered), lambda));
    }

    private static Map<String, Double> numbers(JsonParser parser) {
        Map<String, Double> numbers = new HashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            if (parser.nextToken().isNumeric()) {
                numbers.put(key, parser.getDoubleValue());
            } else {
                parser.skipChildren();
            }
        }
        return numbers;
    }

    Optional<QualityResult.Reference> find(String name) {
        return Optional.ofNullable(rows.get(name));
    }
}

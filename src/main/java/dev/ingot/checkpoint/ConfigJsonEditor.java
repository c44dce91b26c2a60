// SPDX-License-Identifier: Apache-2.0
package dev.ingot.checkpoint;

import dev.ingot.error.CheckpointException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Copies a {@code config.json} with some values changed. Everything else stays: unknown keys, the order of keys, and
 * the digits of numbers. Laid out as transformers writes the file (indent 2, ASCII, final line break).
 */
public final class ConfigJsonEditor {
    /** Changes below one key, as opposed to a value for it. */
    private record Branch(Map<String, Object> changes) {}

    private final Path file;
    private final JsonParser parser;
    private final PythonJson out = new PythonJson();

    private ConfigJsonEditor(Path file, JsonParser parser) {
        this.file = file;
        this.parser = parser;
    }

    /**
     * Reads a file and returns its text with changes; the file itself is not touched.
     *
     * @param in      a JSON file with an object at the top
     * @param changes new values by key; {@code a.b} is key b in object a. Values: null, String, Boolean, Integer, Long,
     *                finite Double, or List or Map of such. A key that is absent is added at the end of its object
     * @return the new text in ASCII
     * @throws CheckpointException if the file cannot be read or is not a JSON object, or a change leads into a value
     *                             that is no object; with line and column
     * @throws IllegalArgumentException if the changes contradict each other or hold another kind of value
     */
    public static byte[] rewrite(Path in, Map<String, Object> changes) {
        Branch root = new Branch(new LinkedHashMap<>());
        changes.forEach((key, value) -> add(root, key, value));
        return JsonInput.parse(in, parser -> {
            ConfigJsonEditor editor = new ConfigJsonEditor(in, parser);
            JsonInput.expect(in, parser, JsonToken.START_OBJECT, "an object");
            editor.copyObject(root);
            return editor.out.bytes();
        });
    }

    private static void add(Branch root, String dottedKey, Object value) {
        String[] keys = dottedKey.split("\\.", -1);
        Branch branch = root;
        for (int i = 0; i < keys.length - 1; i++) {
            Object next = branch.changes().computeIfAbsent(keys[i], key -> new Branch(new LinkedHashMap<>()));
            if (!(next instanceof Branch inner)) {
                throw new IllegalArgumentException("changes of " + dottedKey + " and of a key above it");
            }
            branch = inner;
        }
        String last = keys[keys.length - 1];
        if (branch.changes().containsKey(last)) {
            throw new IllegalArgumentException("changes of " + dottedKey + " and of a key below it");
        }
        branch.changes().put(last, value);
    }

    private void copyObject(Branch branch) {
        Map<String, Object> left = new LinkedHashMap<>(branch.changes());
        out.open('{');
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            out.key(key);
            parser.nextToken();
            if (!left.containsKey(key)) {
                copyValue();
            } else if (left.remove(key) instanceof Branch inner) {
                JsonInput.expect(file, parser, JsonToken.START_OBJECT, Printable.quote(key) + ": an object");
                copyObject(inner);
            } else {
                parser.skipChildren();
                out.value(branch.changes().get(key));
            }
        }
        left.forEach(this::append);
        out.close('}');
    }

    private void append(String key, Object change) {
        out.key(key);
        if (change instanceof Branch inner) {
            out.open('{');
            inner.changes().forEach(this::append);
            out.close('}');
        } else {
            out.value(change);
        }
    }

    private void copyValue() {
        switch (parser.currentToken()) {
            case START_OBJECT -> copyObject(new Branch(Map.of()));
            case START_ARRAY -> {
                out.open('[');
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    out.element();
                    copyValue();
                }
                out.close(']');
            }
            case VALUE_STRING -> out.string(parser.getString());
            case VALUE_NUMBER_FLOAT -> out.literal(pythonNumber(parser.getString()));
            default -> out.literal(parser.getString());
        }
    }

    /** Jackson also takes other spellings of infinity, which Python could not read back. */
    private static String pythonNumber(String text) {
        return switch (text) {
            case "INF", "+INF", "+Infinity" -> "Infinity";
            case "-INF" -> "-Infinity";
            default -> text;
        };
    }
}

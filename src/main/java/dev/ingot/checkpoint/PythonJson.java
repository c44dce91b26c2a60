// SPDX-License-Identifier: Apache-2.0
package dev.ingot.checkpoint;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * Builds JSON text as Python's {@code json.dumps(value, indent=2)} does, the form in which transformers and
 * huggingface_hub write their files.
 */
final class PythonJson {
    private final StringBuilder out = new StringBuilder();
    private int depth;
    private boolean first = true;

    /** Opens an object or a list. */
    PythonJson open(char bracket) {
        out.append(bracket);
        depth++;
        first = true;
        return this;
    }

    /** Closes what was opened last. */
    PythonJson close(char bracket) {
        depth--;
        if (!first) {
            newLine();
        }
        first = false;
        out.append(bracket);
        return this;
    }

    /** Begins the next element of a list. */
    PythonJson element() {
        if (!first) {
            out.append(',');
        }
        first = false;
        newLine();
        return this;
    }

    /** Begins the next member of an object. */
    PythonJson key(String name) {
        JsonText.PYTHON.append(element().out, name).append(": ");
        return this;
    }

    /** Text of a number or literal, as it is. */
    PythonJson literal(String text) {
        out.append(text);
        return this;
    }

    /** A string. */
    PythonJson string(String text) {
        JsonText.PYTHON.append(out, text);
        return this;
    }

    /**
     * Null, a string, a boolean, a finite number, a list or a map of such.
     *
     * @throws IllegalArgumentException for any other value
     */
    PythonJson value(Object value) {
        return switch (value) {
            case null -> literal("null");
            case String text -> string(text);
            case Boolean flag -> literal(flag.toString());
            case Integer number -> literal(number.toString());
            case Long number -> literal(number.toString());
            case Double number when Double.isFinite(number) -> literal(number.toString());
            case List<?> list -> {
                open('[');
                list.forEach(item -> element().value(item));
                yield close(']');
            }
            case Map<?, ?> map -> {
                open('{');
                map.forEach((key, item) -> key((String) key).value(item));
                yield close('}');
            }
            default -> throw new IllegalArgumentException("no JSON value: " + value);
        };
    }

    /** The text with a final line break; ASCII only. */
    byte[] bytes() {
        return (out + "\n").getBytes(StandardCharsets.US_ASCII);
    }

    private void newLine() {
        out.append('\n').repeat("  ", depth);
    }
}

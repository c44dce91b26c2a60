// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import java.util.Locale;

/** Makes text from a configuration fit for a one-line message. */
final class Quote {
    private static final int LONGEST = 80;

    private Quote() {}

    /** The text in single quotes, escaped, and cut if it is long. */
    static String of(String text) {
        return "'" + clip(text) + "'";
    }

    /** The text escaped and cut if it is long. */
    static String clip(String text) {
        if (text.codePointCount(0, text.length()) <= LONGEST) {
            return escape(text);
        }
        return escape(text.substring(0, text.offsetByCodePoints(0, LONGEST))) + "...";
    }

    /** The text with line breaks, controls, and lone surrogates written as escapes. */
    static String escape(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            switch (Character.getType(c)) {
                case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR,
                        Character.SURROGATE -> out.append(escaped(c));
                default -> out.appendCodePoint(c);
            }
        });
        return out.toString();
    }

    private static String escaped(int c) {
        return switch (c) {
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            default -> String.format(Locale.ROOT, "\\u%04x", c);
        };
    }
}

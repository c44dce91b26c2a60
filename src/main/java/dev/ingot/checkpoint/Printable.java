// SPDX-License-Identifier: Apache-2.0
package dev.ingot.checkpoint;

import java.nio.file.Path;
import java.util.Locale;

/** Makes text from files fit for one line of a message: names in a header may hold anything, line breaks included. */
public final class Printable {
    private static final int LIMIT = 200;

    private Printable() {}

    /** The text in single quotes, with unprintable characters escaped and the middle of a very long text left out. */
    public static String quote(String text) {
        return "'" + escape(shorten(text)) + "'";
    }

    /** The path with unprintable characters escaped; never shortened, so that it can be copied. */
    public static String path(Path path) {
        return escape(path.toString());
    }

    /** The text on one line, unprintable characters escaped. */
    static String escape(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints().forEach(point -> {
            if (unprintable(point)) {
                out.append(String.format(Locale.ROOT, point > 0xFFFF ? "\\u{%x}" : "\\u%04x", point));
            } else {
                out.appendCodePoint(point);
            }
        });
        return out.toString();
    }

    /** The text without its middle if it is very long. */
    static String shorten(String text) {
        if (text.length() <= LIMIT) {
            return text;
        }
        int half = LIMIT / 2;
        return text.substring(0, half) + "...(" + (text.length() - 2 * half) + " more)..."
                + text.substring(text.length() - half);
    }

    /** Format characters count as unprintable: bidirectional overrides would reorder the rest of the message. */
    private static boolean unprintable(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.UNASSIGNED,
                    Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }
}

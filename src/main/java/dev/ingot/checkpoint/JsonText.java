// SPDX-License-Identifier: Apache-2.0
package dev.ingot.checkpoint;

import java.util.Locale;

/** Writes JSON strings the way two other writers do, so that files come out byte for byte as theirs. */
public enum JsonText {
    /** As serde_json: quote, backslash and characters below U+0020 are escaped, all else is UTF-8. */
    SERDE(Character.MAX_VALUE),
    /** As Python's json.dumps with its default ensure_ascii: everything outside printable ASCII is escaped. */
    PYTHON('~');

    private final char lastPlain;

    JsonText(char lastPlain) {
        this.lastPlain = lastPlain;
    }

    /** Appends the text in double quotes. */
    public StringBuilder append(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c >= ' ' && c <= lastPlain) {
                        out.append(c);
                    } else {
                        out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
                    }
                }
            }
        }
        return out.append('"');
    }
}

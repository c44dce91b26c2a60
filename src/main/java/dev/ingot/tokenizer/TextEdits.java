// SPDX-License-Identifier: Apache-2.0
package dev.ingot.tokenizer;

/** A text being copied with changes, which come in the order of their places. Everything between them stays as it is. */
final class TextEdits {
    private final String text;
    private final StringBuilder out;
    private int copied;

    TextEdits(String text) {
        this.text = text;
        this.out = new StringBuilder(text.length() + 1024);
    }

    String text() {
        return text;
    }

    /** Leaves out a part. */
    void delete(int from, int to) {
        out.append(text, copied, from);
        copied = to;
    }

    /** Puts something in at a place. */
    void insert(int at, CharSequence what) {
        delete(at, at);
        out.append(what);
    }

    /** The text with all changes. */
    String result() {
        return out + text.substring(copied);
    }

    /** Whether nothing was deleted or put in. */
    boolean unchanged() {
        return copied == 0;
    }
}

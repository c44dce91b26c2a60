// SPDX-License-Identifier: Apache-2.0
package dev.ingot.tokenizer;

import dev.ingot.checkpoint.JsonText;
import java.util.List;

/**
 * Changes of one JSON list or object that is being copied: elements (or members) are left out or added at the end. What
 * stays, stays as it was written; what is added is laid out as the elements before it.
 */
final class ElementEdits {
    private final TextEdits edits;
    private final int open;
    private final int depth;
    private int elements;
    private int kept;
    private int lastStart;
    private int lastEnd;
    private int beforeLastEnd;
    /** Start of elements at the front that are to go, together with the comma after them; -1 if there are none. */
    private int pending = -1;

    /**
     * @param open  place behind the opening bracket
     * @param depth nesting of the elements, 1 inside of the outermost value
     */
    ElementEdits(TextEdits edits, int open, int depth) {
        this.edits = edits;
        this.open = open;
        this.depth = depth;
    }

    /** The next element, from its first character to behind its last. */
    void element(int start, int end, boolean keep) {
        if (!keep && kept == 0) {
            pending = pending < 0 ? start : pending;
        } else if (!keep) {
            edits.delete(lastEnd, end);
        } else {
            if (pending >= 0) {
                edits.delete(pending, start);
                pending = -1;
            }
            kept++;
        }
        beforeLastEnd = lastEnd;
        lastStart = start;
        lastEnd = end;
        elements++;
    }

    /** Behind the last element. */
    void end(List<String> additions) {
        if (pending >= 0) {
            edits.delete(pending, lastEnd);
        }
        if (additions.isEmpty()) {
            return;
        }
        String before = between();
        StringBuilder added = new StringBuilder();
        for (int i = 0; i < additions.size(); i++) {
            boolean first = kept == 0 && i == 0;
            if (!first) {
                added.append(',');
            }
            added.append(first && elements > 0 ? "" : before).append(additions.get(i));
        }
        boolean bracketFollows = elements == 0;
        if (bracketFollows && before.startsWith("\n")) {
            added.append('\n').repeat("  ", depth - 1);
        }
        edits.insert(bracketFollows ? open : lastEnd, added);
    }

    /** The blanks before an element. */
    private String between() {
        if (elements > 1) {
            String gap = edits.text().substring(beforeLastEnd, lastStart);
            return gap.substring(gap.indexOf(',') + 1);
        }
        if (elements == 1) {
            return edits.text().substring(open, lastStart);
        }
        return pretty(edits.text()) ? "\n" + "  ".repeat(depth) : "";
    }

    /** A member of an object, laid out as its neighbours. */
    String member(String name, String value) {
        return JsonText.SERDE.append(new StringBuilder(), name).append(colon()).append(value).toString();
    }

    /** An added element (or value of an added member) that is a list or an object of these parts. */
    String nested(char opening, List<String> parts, char closing) {
        String before = between();
        if (!before.contains("\n")) {
            return opening + String.join("," + before, parts) + closing;
        }
        String inner = before + "  ";
        return opening + inner + String.join("," + inner, parts) + before + closing;
    }

    private String colon() {
        return between().isEmpty() ? ":" : ": ";
    }

    /** Whether a text is laid out in lines. */
    static boolean pretty(String text) {
        return text.lastIndexOf('\n', text.length() - 2) >= 0;
    }
}

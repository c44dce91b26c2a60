// SPDX-License-Identifier: Apache-2.0
package dev.ingot.tokenizer;

import java.util.Optional;

/** How a tokenizer finds the tokens of a word. */
public enum ModelKind {
    /** Pairs are joined by a list of merges in order of rank. */
    BPE("BPE"),
    /** The longest token that fits, from the left. */
    WORD_PIECE("WordPiece"),
    /** Whole words only. */
    WORD_LEVEL("WordLevel"),
    /** The segmentation of the highest score; ids are places in a list. */
    UNIGRAM("Unigram");

    private final String text;

    ModelKind(String text) {
        this.text = text;
    }

    /** The name in {@code tokenizer.json}. */
    public String text() {
        return text;
    }

    static Optional<ModelKind> of(String text) {
        for (ModelKind kind : values()) {
            if (kind.text.equals(text)) {
                return Optional.of(kind);
            }
        }
        return Optional.empty();
    }
}

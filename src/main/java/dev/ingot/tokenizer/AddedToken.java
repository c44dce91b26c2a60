// SPDX-License-Identifier: Apache-2.0
package dev.ingot.tokenizer;

import java.util.Objects;

/**
 * A token that is found in the text before the model of the tokenizer sees it, such as {@code <|im_start|>}. The flags
 * are those of {@code tokenizer.json}.
 *
 * @param id         row of its embedding, not negative
 * @param content    its text
 * @param singleWord whether it is found only as a whole word
 * @param lstrip     whether it takes blanks on its left with it
 * @param rstrip     whether it takes blanks on its right with it
 * @param normalized whether it is looked for in the normalised text
 * @param special    whether decoding may leave it out
 */
public record AddedToken(
        int id,
        String content,
        boolean singleWord,
        boolean lstrip,
        boolean rstrip,
        boolean normalized,
        boolean special) {
    /** Refuses null and a negative id. */
    public AddedToken {
        Objects.requireNonNull(content);
        if (id < 0) {
            throw new IllegalArgumentException("negative id of an added token");
        }
    }

    /** An added token as transformers makes one of a text alone: ordinary, and looked for in the normalised text. */
    static AddedToken plain(int id, String content) {
        return new AddedToken(id, content, false, false, false, true, false);
    }

    AddedToken withId(int other) {
        return new AddedToken(other, content, singleWord, lstrip, rstrip, normalized, special);
    }

    boolean sameSettings(AddedToken other) {
        return withId(0).equals(other.withId(0));
    }
}

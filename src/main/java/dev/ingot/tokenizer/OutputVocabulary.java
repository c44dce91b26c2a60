// SPDX-License-Identifier: Apache-2.0
package dev.ingot.tokenizer;

import java.util.List;

/**
 * A tokenizer with tokens left out and tokens added.
 *
 * @param donor      the tokenizer that is changed
 * @param limit      tokens of the donor with this id or a larger one are left out
 * @param vocabulary all tokens of the result
 * @param newTokens  what the model gets in addition, by id
 * @param mergeParts left and right parts of the merges that the model gets in addition, alternating
 * @param resplit    whether the model splits words otherwise than the donor's: other tokens than added ones changed
 * @param warnings   what the user should know, one line each
 */
record OutputVocabulary(
        Tokenizer donor,
        int limit,
        Vocabulary vocabulary,
        List<NewToken> newTokens,
        List<String> mergeParts,
        boolean resplit,
        List<String> warnings) {
    OutputVocabulary {
        newTokens = List.copyOf(newTokens);
        mergeParts = List.copyOf(mergeParts);
        warnings = List.copyOf(warnings);
    }

    /** Whether the files of the donor say the same. */
    boolean sameAsDonor() {
        Vocabulary before = donor.vocabulary();
        return limit >= before.rows() && newTokens.isEmpty()
                && before.addedTokens().equals(vocabulary.addedTokens());
    }

    boolean keeps(int id) {
        return id < limit;
    }
}

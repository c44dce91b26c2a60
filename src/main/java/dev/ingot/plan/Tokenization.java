// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.tokenizer.TokenizerMerge;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What the output's tokenizer is.
 *
 * @param merge        the tokenizer that is made; empty if the donor's is copied
 * @param chatTemplate the template that is put into it; empty if it keeps its own
 * @param vocabSize    the number of rows of embeddings where it may not be the donor's
 */
public record Tokenization(Optional<TokenizerMerge> merge, Optional<String> chatTemplate, OptionalInt vocabSize) {
    /** Refuses nulls. */
    public Tokenization {
        Objects.requireNonNull(merge);
        Objects.requireNonNull(chatTemplate);
        Objects.requireNonNull(vocabSize);
    }
}

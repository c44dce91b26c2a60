// SPDX-License-Identifier: Apache-2.0
package dev.ingot.tokenizer;

import dev.ingot.config.ModelReference;
import java.util.Objects;
import java.util.Optional;

/**
 * A model whose embeddings are to be put in the order of the output's tokens.
 *
 * @param model     the model
 * @param tokenizer its tokenizer; empty if it has none, which is taken to mean that it has the base's
 * @param rows      how many rows of its embeddings are tokens: the smallest of {@code vocab_size} in its config.json and
 *                  the rows of its embedding and of its head. Tokens with larger ids have no embedding
 */
public record TokenizerInput(ModelReference model, Optional<Tokenizer> tokenizer, int rows) {
    /** Refuses nulls and a negative number. */
    public TokenizerInput {
        Objects.requireNonNull(model);
        Objects.requireNonNull(tokenizer);
        if (rows < 0) {
            throw new IllegalArgumentException("negative number of rows: " + rows);
        }
    }
}

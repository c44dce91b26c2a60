// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How the output's tokenizer and embeddings are made ({@code tokenizer}, or the older {@code tokenizer_source}).
 *
 * @param source          where the vocabulary comes from
 * @param tokens          tokens with an embedding of their own choice, by token text, in the order written
 * @param padToMultipleOf embedding rows are rounded up to a multiple of this, at least 1
 * @param position        where the setting was written
 */
public record TokenizerConfig(
        Source source, Map<String, Token> tokens, OptionalInt padToMultipleOf, Position position) {
    /** Copies the map; refuses a padding below 1. */
    public TokenizerConfig {
        Objects.requireNonNull(source);
        Objects.requireNonNull(position);
        tokens = Collections.unmodifiableMap(new LinkedHashMap<>(tokens));
        if (padToMultipleOf.isPresent() && padToMultipleOf.getAsInt() < 1) {
            throw position.error("'pad_to_multiple_of' is below 1", "give a positive integer, such as 64");
        }
    }

    /** Where the output's vocabulary comes from. */
    public sealed interface Source {
        /** All tokens of all models. */
        record Union() implements Source {}

        /** The base model's vocabulary. */
        record Base() implements Source {}

        /**
         * One model's vocabulary.
         *
         * @param model the model
         */
        record OfModel(ModelReference model) implements Source {
            /** Refuses null. */
            public OfModel {
                Objects.requireNonNull(model);
            }
        }
    }

    /**
     * What is wanted for one token.
     *
     * @param embedding where its embedding comes from; absent: the default rule
     * @param force     whether models that have the token use this embedding too, instead of their own
     * @param position  where the token was written
     */
    public record Token(Optional<Embedding> embedding, boolean force, Position position) {
        /** Refuses nulls. */
        public Token {
            Objects.requireNonNull(embedding);
            Objects.requireNonNull(position);
        }
    }

    /** Where the embedding of a token comes from. */
    public sealed interface Embedding {
        /** A vector of zeros. */
        record Zero() implements Embedding {}

        /**
         * The same token in a model.
         *
         * @param model the model
         */
        record OfModel(ModelReference model) implements Embedding {
            /** Refuses null. */
            public OfModel {
                Objects.requireNonNull(model);
            }
        }

        /**
         * A token of a model, by its id.
         *
         * @param model   the model
         * @param tokenId row of its embedding, not negative
         */
        record OfTokenId(ModelReference model, int tokenId) implements Embedding {
            /** Refuses a negative id. */
            public OfTokenId {
                Objects.requireNonNull(model);
                if (tokenId < 0) {
                    throw Position.NONE.error("token_id " + tokenId + " is negative", "give the row of the token");
                }
            }
        }

        /**
         * A token of a model, by its text.
         *
         * @param model the model
         * @param token the token's text
         */
        record OfToken(ModelReference model, String token) implements Embedding {
            /** Refuses nulls. */
            public OfToken {
                Objects.requireNonNull(model);
                Objects.requireNonNull(token);
            }
        }
    }
}

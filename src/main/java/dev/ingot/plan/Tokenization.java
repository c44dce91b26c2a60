// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.tokenizer.TokenizerMerge;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What the output's tokenizer is.
 *
 * @param merge        the tokenizer that is made; empty if the donor's is copied
 * @param chatTemplate the template that is put into it; empty if it keeps its own
 * @param vocabSize    the number of rows of embeddings where it may not be the donor's
 * @param config       what changes in the donor's config.json, by key with dots between levels
 * @param generation   what changes in its generation_config.json
 */
public record Tokenization(
        Optional<TokenizerMerge> merge,
        Optional<String> chatTemplate,
        OptionalInt vocabSize,
        Map<String, Object> config,
        Map<String, Object> generation) {
    /** Copies the maps; refuses nulls. */
    public Tokenization {
        Objects.requireNonNull(merge);
        Objects.requireNonNull(chatTemplate);
        Objects.requireNonNull(vocabSize);
        config = Collections.unmodifiableMap(new LinkedHashMap<>(config));
        generation = Collections.unmodifiableMap(new LinkedHashMap<>(generation));
    }
}

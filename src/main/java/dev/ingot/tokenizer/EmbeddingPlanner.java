// SPDX-License-Identifier: Apache-2.0
package dev.ingot.tokenizer;

import dev.ingot.checkpoint.Printable;
import dev.ingot.config.ModelReference;
import dev.ingot.config.Position;
import dev.ingot.config.TokenizerConfig.Embedding;
import dev.ingot.config.TokenizerConfig.Token;
import dev.ingot.error.ConfigException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * Finds the embedding of every output token (mergekit.md 1.8). A model that has the token takes its own row; another
 * takes the base's, or if the base lacks it the mean of those that have it, or zeros. {@code tokens} names another
 * source, and {@code force} makes even models that have the token take it.
 */
final class EmbeddingPlanner {
    /** Where a token's embedding comes from by the configuration; no model means zeros. */
    private record Wanted(ModelReference model, int row) {
        private static final Wanted ZERO = new Wanted(null, -1);
    }

    private final Vocabulary output;
    private final int rows;
    private final ModelReference base;
    /** The model whose rows stay where the output's ids have no token. */
    private final ModelReference owner;
    /** For every model and output row the model's row, -1 where it lacks the token. */
    private final SequencedMap<ModelReference, int[]> own = new LinkedHashMap<>();
    private final Map<ModelReference, Integer> tokenRows = new HashMap<>();
    private final Map<ModelReference, Vocabulary> vocabularies = new HashMap<>();
    private final Map<Integer, Wanted> wanted = new TreeMap<>();
    private final Map<Integer, Boolean> forced = new HashMap<>();

    /**
     * @param output   tokens of the output
     * @param rows     output rows, padding included
     * @param inputs   all models
     * @param base     the model whose embeddings others take first
     * @param owner    the model whose ids the output has
     * @param fallback the tokens of a model without a tokenizer
     */
    EmbeddingPlanner(Vocabulary output, int rows, Collection<TokenizerInput> inputs, ModelReference base,
            ModelReference owner, Vocabulary fallback) {
        this.output = output;
        this.rows = rows;
        this.base = base;
        this.owner = owner;
        for (TokenizerInput input : inputs) {
            Vocabulary vocabulary = input.tokenizer().map(Tokenizer::vocabulary).orElse(fallback);
            vocabularies.put(input.model(), vocabulary);
            tokenRows.put(input.model(), input.rows());
            own.put(input.model(), ownRows(vocabulary, input.rows()));
        }
        for (int row = 0; row < output.rows(); row++) {
            if (output.token(row) == null) {
                wanted.put(row, row < tokenRows.get(owner) ? new Wanted(owner, row) : Wanted.ZERO);
            }
        }
    }

    private int[] ownRows(Vocabulary vocabulary, int limit) {
        int[] source = new int[output.rows()];
        for (int row = 0; row < source.length; row++) {
            String text = output.token(row);
            int id = text == null ? -1 : vocabulary.idOrNone(text);
            source[row] = id < limit ? id : -1;
        }
        return source;
    }

    /**
     * Takes the configuration's wishes, all of whose tokens are in the output.
     *
     * @throws ConfigException if a source lacks the token
     */
    void want(Map<String, Token> tokens) {
        tokens.forEach((text, token) -> {
            int row = output.idOrNone(text);
            token.embedding().ifPresent(embedding -> wanted.put(row, find(text, embedding, token.position())));
            forced.put(row, token.force());
        });
    }

    private Wanted find(String text, Embedding embedding, Position position) {
        return switch (embedding) {
            case Embedding.Zero zero -> Wanted.ZERO;
            case Embedding.OfModel source -> token(source.model(), text, position);
            case Embedding.OfToken source -> token(source.model(), source.token(), position);
            case Embedding.OfTokenId source -> {
                int limit = tokenRows.get(known(source.model(), position));
                if (source.tokenId() >= limit) {
                    throw position.error(
                            "model " + Printable.quote(source.model().toString()) + " has " + limit
                                    + " embeddings, and none of id " + source.tokenId(),
                            "give an id below " + limit);
                }
                yield new Wanted(source.model(), source.tokenId());
            }
        };
    }

    private Wanted token(ModelReference model, String text, Position position) {
        int id = vocabularies.get(known(model, position)).idOrNone(text);
        if (id < 0 || id >= tokenRows.get(model)) {
            throw position.error(
                    "model " + Printable.quote(model.toString()) + " has no " + (id < 0 ? "token " : "embedding of ")
                            + Printable.quote(text),
                    "name a model that has it, or {kind: zero}, or {kind: model_token} with another token");
        }
        return new Wanted(model, id);
    }

    private ModelReference known(ModelReference model, Position position) {
        if (!own.containsKey(model)) {
            throw position.error(
                    "model " + Printable.quote(model.toString()) + " is not one of the models to be merged",
                    "name a model that is merged");
        }
        return model;
    }

    EmbeddingPlan plan(List<ModelReference> participants) {
        List<ModelReference> sources = new ArrayList<>(participants);
        List<RowMap> maps = new ArrayList<>();
        boolean[] lacking = new boolean[output.rows()];
        for (ModelReference model : participants) {
            int[] source = Optional.ofNullable(own.get(model))
                    .orElseThrow(() -> new IllegalArgumentException("unknown model " + model))
                    .clone();
            forced.forEach((row, force) -> source[row] = force ? RowMap.SHARED : source[row]);
            for (int row = 0; row < source.length; row++) {
                lacking[row] |= source[row] == RowMap.SHARED;
            }
            maps.add(new RowMap(model, source, rows));
        }
        SharedRows.Builder shared = new SharedRows.Builder();
        for (int row = 0; row < lacking.length; row++) {
            if (lacking[row]) {
                shared.entry(row);
                addParts(row, participants, sources, shared);
            }
        }
        return new EmbeddingPlan(maps, shared.build(), sources);
    }

    private void addParts(
            int row, List<ModelReference> participants, List<ModelReference> sources, SharedRows.Builder shared) {
        Wanted explicit = wanted.get(row);
        if (explicit != null) {
            if (explicit.model() != null) {
                shared.part(place(explicit.model(), sources), explicit.row());
            }
        } else if (own.get(base)[row] >= 0) {
            shared.part(place(base, sources), own.get(base)[row]);
        } else {
            for (int i = 0; i < participants.size(); i++) {
                int source = own.get(participants.get(i))[row];
                if (source >= 0) {
                    shared.part(i, source);
                }
            }
        }
    }

    private static int place(ModelReference model, List<ModelReference> sources) {
        int place = sources.indexOf(model);
        if (place < 0) {
            sources.add(model);
            place = sources.size() - 1;
        }
        return place;
    }

    /** The output's id of what a model calls by an id; -1 if the output lacks it. */
    int outputId(ModelReference model, int id) {
        String text = vocabularies.get(model).token(id);
        return text == null ? -1 : output.idOrNone(text);
    }
}

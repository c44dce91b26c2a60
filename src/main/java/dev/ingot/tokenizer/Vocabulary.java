// SPDX-License-Identifier: Apache-2.0
package dev.ingot.tokenizer;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Tokens and ids. A token is one of the model's (it can come out of splitting a word), or an added one, or both. Where
 * two tokens share an id, the added one is the one meant, as in the tokenizers library. Immutable.
 */
public final class Vocabulary {
    /** Ids lie below this: twice the largest vocabulary known, and small enough for arrays. */
    static final int MAX_TOKENS = 1 << 21;

    private static final int NONE = -1;

    private final Map<String, Integer> model;
    private final Map<String, AddedToken> added = new LinkedHashMap<>();
    private final String[] byId;

    /**
     * @param model ids below {@link #MAX_TOKENS} of the model's tokens; kept, not copied, and not changed any more
     * @param added added tokens in any order; of two with the same text the first counts
     */
    Vocabulary(Map<String, Integer> model, Collection<AddedToken> added) {
        this.model = model;
        added.stream()
                .sorted(Comparator.comparingInt(AddedToken::id))
                .forEach(token -> this.added.putIfAbsent(token.content(), token));
        int rows = 0;
        for (int id : model.values()) {
            rows = Math.max(rows, id + 1);
        }
        for (AddedToken token : this.added.values()) {
            rows = Math.max(rows, token.id() + 1);
        }
        byId = new String[rows];
        model.forEach((text, id) -> byId[id] = firstOf(byId[id], text));
        new ArrayList<>(this.added.values()).reversed().forEach(token -> byId[token.id()] = token.content());
    }

    /** The order of the map must not decide which of two texts an id stands for. */
    private static String firstOf(String one, String other) {
        return one == null || other.compareTo(one) < 0 ? other : one;
    }

    /** The id of a token; empty if there is no such token. */
    public OptionalInt id(String token) {
        int id = idOrNone(token);
        return id == NONE ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /** As {@link #id}, -1 if there is no such token. */
    int idOrNone(String token) {
        AddedToken found = added.get(token);
        return found != null ? found.id() : modelId(token);
    }

    /** The id of a token of the model, -1 if the model has none of this text. */
    int modelId(String token) {
        return model.getOrDefault(token, NONE);
    }

    /** The token of an id; null if the id has none or is out of range. */
    public String token(int id) {
        return id >= 0 && id < byId.length ? byId[id] : null;
    }

    /** One more than the largest id. */
    public int rows() {
        return byId.length;
    }

    /** Whether the token is an added one. */
    public boolean isAdded(String token) {
        return added.containsKey(token);
    }

    /** The settings of an added token, or null. */
    AddedToken addedToken(String token) {
        return added.get(token);
    }

    /** The added tokens, by id. */
    public List<AddedToken> addedTokens() {
        return List.copyOf(added.values());
    }

    /** The number of the model's tokens. */
    int modelSize() {
        return model.size();
    }

    /** The tokens with ids below a limit. */
    Vocabulary below(int limit) {
        if (limit >= byId.length) {
            return this;
        }
        Map<String, Integer> kept = new HashMap<>();
        model.forEach((text, id) -> {
            if (id < limit) {
                kept.put(text, id);
            }
        });
        return new Vocabulary(kept, added.values().stream().filter(token -> token.id() < limit).toList());
    }

    /** This vocabulary with further tokens of the model and with other added tokens. */
    Vocabulary with(Map<String, Integer> furtherModelTokens, Collection<AddedToken> allAdded) {
        Map<String, Integer> all = new HashMap<>(model);
        all.putAll(furtherModelTokens);
        return new Vocabulary(all, allAdded);
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.tokenizer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the files of a tokenizer say, while they are being read. */
final class TokenizerParts {
    /** Four times as many as any tokenizer known has; their texts are held while they are read. */
    static final int MAX_MERGES = 1 << 21;

    /** How words are split; null until known. */
    ModelKind kind;
    /** Tokens of the model. */
    final Map<String, Integer> model = new HashMap<>();
    /** Added tokens by text; the first file that names one decides. */
    final Map<String, AddedToken> added = new LinkedHashMap<>();
    /** Left and right parts of the merges, alternating. */
    final List<String> mergeParts = new ArrayList<>();
    /** What a BPE model puts before tokens inside of a word. */
    String prefix = "";
    /** Scores by id, of a Unigram model only. */
    final List<Double> scores = new ArrayList<>();

    /** Adds a token that a file besides the main one names, unless it is known or its id is another's. */
    void addFurther(AddedToken token, Set<Integer> taken) {
        if (!added.containsKey(token.content()) && !model.containsKey(token.content()) && taken.add(token.id())) {
            added.put(token.content(), token);
        }
    }
}

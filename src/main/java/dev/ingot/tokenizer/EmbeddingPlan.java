// SPDX-License-Identifier: Apache-2.0
package dev.ingot.tokenizer;

import dev.ingot.config.ModelReference;
import java.util.List;
import java.util.SequencedMap;

/**
 * How the matrices with one row for each token (input embedding, head) of all models get the rows of the output's
 * tokens, before they are merged like any other tensor.
 *
 * <p>For output row r, model m's row is
 * <ul>
 *   <li>row {@code map.source(r)} of its own matrix, if that is not negative;
 *   <li>the row of {@link #shared()} for r, the same for all models, if it is {@link RowMap#SHARED};
 *   <li>the mean of its own mapped rows of tokens, if it is {@link RowMap#MEAN}.
 * </ul>
 *
 * <p>All matrices must have one width. Rows of a model's matrix that no output row takes disappear. Immutable.
 *
 * @param maps    one for each model that the merge method sees, in the order asked for
 * @param shared  rows for the tokens that some of them lack
 * @param sources the models whose matrices are read: first those of the maps in their order, then those that only the
 *                shared rows take rows from (a base model that is not merged, a model that {@code tokens} names)
 */
public record EmbeddingPlan(List<RowMap> maps, SharedRows shared, List<ModelReference> sources) {
    /** Copies the lists. */
    public EmbeddingPlan {
        maps = List.copyOf(maps);
        sources = List.copyOf(sources);
        if (maps.isEmpty()) {
            throw new IllegalArgumentException("no model to merge");
        }
    }

    /** Number of output rows, padding included. */
    public int rows() {
        return maps.getFirst().rows();
    }

    /** Number of output rows that belong to tokens. */
    public int tokenRows() {
        return maps.getFirst().tokenRows();
    }

    /** Whether the matrices can be merged as they are. */
    public boolean isIdentity() {
        return maps.stream().allMatch(RowMap::isIdentity);
    }

    /**
     * The plan without any tokenizer: all matrices are cut to the rows that they have in common.
     *
     * @param rows the rows of each model's matrix, in the order of the models
     */
    public static EmbeddingPlan commonRows(SequencedMap<ModelReference, Integer> rows) {
        int common = rows.values().stream().mapToInt(Integer::intValue).min().orElse(0);
        int[] identity = new int[common];
        for (int i = 0; i < common; i++) {
            identity[i] = i;
        }
        List<RowMap> maps = rows.keySet().stream().map(model -> new RowMap(model, identity, common)).toList();
        return new EmbeddingPlan(maps, new SharedRows.Builder().build(), List.copyOf(rows.sequencedKeySet()));
    }
}

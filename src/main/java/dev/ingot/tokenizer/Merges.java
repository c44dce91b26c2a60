// SPDX-License-Identifier: Apache-2.0
package dev.ingot.tokenizer;

/**
 * The merges of a BPE model in order of rank, as ids of the model's tokens. Immutable.
 */
final class Merges {
    static final Merges NONE = new Merges(new int[0]);

    private static final int WIDTH = 3;

    private final int[] ids;

    /** Left, right and joined token of each merge, -1 where the model lacks it; kept, not copied. */
    private Merges(int[] ids) {
        this.ids = ids;
    }

    /**
     * Looks up the tokens.
     *
     * @param parts  left and right texts, alternating
     * @param prefix what the model puts before tokens inside of a word, or empty
     */
    static Merges of(Iterable<String> parts, int count, String prefix, Vocabulary vocabulary) {
        int[] ids = new int[WIDTH * count];
        int at = 0;
        String left = null;
        for (String part : parts) {
            if (left == null) {
                left = part;
                continue;
            }
            ids[at++] = vocabulary.modelId(left);
            ids[at++] = vocabulary.modelId(part);
            ids[at++] = vocabulary.modelId(joined(left, part, prefix));
            left = null;
        }
        return new Merges(ids);
    }

    /** The token that a merge makes: the right part loses its prefix. */
    static String joined(String left, String right, String prefix) {
        return left + (right.startsWith(prefix) ? right.substring(prefix.length()) : right);
    }

    int count() {
        return ids.length / WIDTH;
    }

    int left(int rank) {
        return ids[WIDTH * rank];
    }

    int right(int rank) {
        return ids[WIDTH * rank + 1];
    }

    int joined(int rank) {
        return ids[WIDTH * rank + 2];
    }
}

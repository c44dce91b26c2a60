// SPDX-License-Identifier: Apache-2.0
package dev.ingot.tokenizer;

import java.util.Arrays;
import java.util.Objects;

/**
 * The rows that models take which lack a token, or which are told to take another. A row is the mean of rows of models
 * (the plain sum, in the order given, divided by their number), so of one it is a copy and of none it is zero. Stored
 * as flat arrays. Immutable.
 */
public final class SharedRows {
    private final int[] outputRows;
    private final int[] begin;
    private final int[] models;
    private final int[] rows;

    private SharedRows(int[] outputRows, int[] begin, int[] models, int[] rows) {
        this.outputRows = outputRows;
        this.begin = begin;
        this.models = models;
        this.rows = rows;
    }

    /** How many rows there are. */
    public int count() {
        return outputRows.length;
    }

    /** The output row of an entry; entries are in ascending order of it. */
    public int outputRow(int entry) {
        return outputRows[entry];
    }

    /** The entry of an output row; negative if the row is not among them. */
    public int entryOf(int outputRow) {
        return Arrays.binarySearch(outputRows, outputRow);
    }

    /** How many rows an entry is the mean of; 0 means zeros. */
    public int parts(int entry) {
        return begin[entry + 1] - begin[entry];
    }

    /** The model that a part comes from, as its place in {@link EmbeddingPlan#sources()}. */
    public int model(int entry, int part) {
        return models[place(entry, part)];
    }

    /** The row of that model's own matrix. */
    public int row(int entry, int part) {
        return rows[place(entry, part)];
    }

    private int place(int entry, int part) {
        return begin[entry] + Objects.checkIndex(part, parts(entry));
    }

    /** Collects entries in ascending order of output rows. */
    static final class Builder {
        private int[] outputRows = new int[64];
        private int[] begin = new int[64];
        private int[] models = new int[64];
        private int[] rows = new int[64];
        private int entries;
        private int parts;

        /** Begins an entry. */
        void entry(int outputRow) {
            if (entries == outputRows.length) {
                outputRows = Arrays.copyOf(outputRows, 2 * entries);
                begin = Arrays.copyOf(begin, 2 * entries);
            }
            outputRows[entries] = outputRow;
            begin[entries++] = parts;
        }

        /** Adds a row to the entry begun last. */
        void part(int model, int row) {
            if (parts == models.length) {
                models = Arrays.copyOf(models, 2 * parts);
                rows = Arrays.copyOf(rows, 2 * parts);
            }
            models[parts] = model;
            rows[parts++] = row;
        }

        SharedRows build() {
            int[] ends = Arrays.copyOf(begin, entries + 1);
            ends[entries] = parts;
            return new SharedRows(
                    Arrays.copyOf(outputRows, entries), ends, Arrays.copyOf(models, parts), Arrays.copyOf(rows, parts));
        }
    }
}

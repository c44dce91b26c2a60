// SPDX-License-Identifier: Apache-2.0
package dev.ingot.tokenizer;

import dev.ingot.config.ModelReference;
import java.util.Objects;

/**
 * Which rows of one model's embedding become the rows of the matrix that the merge method sees for this model. Matrices
 * are row-major with one row for each token, so input embedding and head take the same map. Immutable.
 */
public final class RowMap {
    /** The model lacks the token: take the row of {@link SharedRows}. */
    public static final int SHARED = -1;
    /** The row is padding: the mean of this model's rows 0 to {@link #tokenRows()} - 1 <em>after</em> mapping. */
    public static final int MEAN = -2;

    private final ModelReference model;
    private final int[] source;
    private final int rows;

    /** The array is kept, not copied; rows from its length up are padding. */
    RowMap(ModelReference model, int[] source, int rows) {
        this.model = Objects.requireNonNull(model);
        this.source = source;
        this.rows = rows;
    }

    /** The model. */
    public ModelReference model() {
        return model;
    }

    /** Number of output rows, padding included. */
    public int rows() {
        return rows;
    }

    /** Number of output rows that belong to tokens; those after them are padding. */
    public int tokenRows() {
        return source.length;
    }

    /**
     * The model's row that becomes an output row, or {@link #SHARED}, or {@link #MEAN}.
     *
     * @param outputRow from 0 to {@link #rows()} - 1
     */
    public int source(int outputRow) {
        Objects.checkIndex(outputRow, rows);
        return outputRow < source.length ? source[outputRow] : MEAN;
    }

    /**
     * The end of the run that begins at an output row: rows before it come from consecutive rows of the model, or are
     * all {@link #SHARED}, or all {@link #MEAN}. So a run is copied at once.
     *
     * @param outputRow from 0 to {@link #rows()} - 1
     * @return an output row behind it, at most {@link #rows()}
     */
    public int runEnd(int outputRow) {
        return runEnd(outputRow, rows);
    }

    /** The same, but looks no further than a limit, which is returned if the run goes on there. */
    public int runEnd(int outputRow, int limit) {
        int first = source(outputRow);
        if (first == MEAN) {
            return limit;
        }
        int end = outputRow + 1;
        int last = Math.min(limit, source.length);
        while (end < last && source[end] == (first < 0 ? first : first + end - outputRow)) {
            end++;
        }
        return end;
    }

    /**
     * Whether every output row is the model's own row of the same number, so that a matrix with so many rows can be
     * merged as it is.
     */
    public boolean isIdentity() {
        return rows == source.length && (rows == 0 || source[0] == 0 && runEnd(0) == rows);
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.checkpoint.TensorRef;
import dev.ingot.tokenizer.EmbeddingPlan;
import dev.ingot.tokenizer.RowMap;
import java.util.List;

/**
 * How the inputs of an embedding or head, which have a row for each token of their own model, get the rows of the
 * output's tokens.
 *
 * @param plan    which row becomes which
 * @param sources the matrix of each of {@link EmbeddingPlan#sources()}, all of one width; the first of them are inputs of
 *                the tensor, the rest only give rows that inputs lack
 */
public record RowGather(EmbeddingPlan plan, List<TensorRef> sources) {
    /** Groups of rows whose sums are formed one by one and then added up in order, for the mean of all rows. */
    public static final int GROUPS = 16;

    /** Copies the list; refuses another number of matrices than the plan has sources. */
    public RowGather {
        sources = List.copyOf(sources);
        if (sources.size() != plan.sources().size()) {
            throw new IllegalArgumentException(sources.size() + " matrices for " + plan.sources().size() + " sources");
        }
    }

    /** The rows of an input. */
    public RowMap map(TensorRef input) {
        return plan.maps().get(sources.indexOf(input));
    }

    /** Whether there are padding rows, which are the mean of the others. */
    public boolean needsMeans() {
        return plan.tokenRows() < plan.rows();
    }

    /** Elements of a row of a matrix, or of a vector with one element for each token. */
    static long width(TensorRef matrix) {
        return matrix.shape().dims().stream().skip(1).reduce(1L, Math::multiplyExact);
    }

    /** Elements of a row. */
    public long width() {
        return width(sources.getFirst());
    }

    /** Bytes that a worker needs to compute a row that inputs lack: its parts as stored, and sums in float64. */
    public long laneBytes() {
        return 2 * width() * Double.BYTES;
    }

    /** Bytes that the sums of padding rows take. */
    public long meanBytes() {
        return needsMeans() ? plan.maps().size() * (GROUPS + 1) * width() * Double.BYTES : 0;
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.matrix;

import dev.ingot.linalg.LinearAlgebra;
import dev.ingot.linalg.Matrix;
import dev.ingot.linalg.Precision;

/**
 * f f^T for singular vectors f of one side of a matrix, each times its value: as a matrix of its own or as both factors,
 * whichever takes fewer operations to multiply with.
 */
final class SingularSide {
    private final Matrix factor;
    private final Matrix square;
    private int rank;

    /**
     * @param dimension elements of a vector
     * @param vectors   most vectors, 0 if the side does not count
     */
    SingularSide(MatrixSpace space, int dimension, int vectors) {
        this.factor = space.keep(dimension, vectors, Precision.F32);
        this.square = space.keep(dimension, 2 * vectors >= dimension ? dimension : 0, Precision.F32);
    }

    /** Kept memory. */
    static long bytes(int dimension, int vectors) {
        return MatrixNeeds.of(dimension, vectors, Precision.F32)
                + MatrixNeeds.of(dimension, 2 * vectors >= dimension ? dimension : 0, Precision.F32);
    }

    /** Most vectors that are used as factors. */
    static int thin(int dimension, int vectors) {
        return Math.min(vectors, (dimension - 1) / 2);
    }

    /** Where the vectors go. */
    Matrix vectors() {
        return factor;
    }

    /** Scales the leading vectors by their values; the others do not count. */
    void scale(Matrix values, int leading, LinearAlgebra algebra) {
        rank = Math.min(leading, factor.cols());
        algebra.scaleColumns(factor.columns(rank), values.block(0, 0, rank, 1));
    }

    /** How many vectors count. */
    int rank() {
        return rank;
    }

    /** Whether the factors are multiplied one by one. */
    boolean isThin() {
        return 2 * rank < factor.rows();
    }

    /** The leading vectors, each times its value. */
    Matrix factor() {
        return factor.columns(rank);
    }

    /** Computes a panel of the square; nothing where the factors are used. */
    void square(Panels panels, int panel, LinearAlgebra algebra) {
        if (!isThin()) {
            algebra.gemm(1, factor(), false, rows(panels, panel), true, 0, panels.of(square, panel));
        }
    }

    /**
     * target = f f^T e.
     *
     * @param scratch at least as many rows as there are vectors, if the side is thin
     */
    void setLeft(Matrix e, Matrix target, Matrix scratch, LinearAlgebra algebra) {
        if (!isThin()) {
            algebra.gemm(1, square, false, e, false, 0, target);
        } else {
            // Without vectors the inner dimension is 0 and the product zero.
            Matrix inside = scratch.block(0, 0, rank, e.cols());
            algebra.gemm(1, factor(), true, e, false, 0, inside);
            algebra.gemm(1, factor(), false, inside, false, 0, target);
        }
    }

    /**
     * Adds a panel of e f f^T to the target.
     *
     * @param inside e f, if the side is thin
     */
    void addRight(Matrix e, Matrix inside, Panels panels, int panel, Matrix target, LinearAlgebra algebra) {
        if (!isThin()) {
            algebra.gemm(1, e, false, panels.of(square, panel), false, 1, target);
        } else if (rank > 0) {
            algebra.gemm(1, inside, false, rows(panels, panel), true, 1, target);
        }
    }

    private Matrix rows(Panels panels, int panel) {
        return factor.block(panels.first(panel), 0, panels.width(panel), rank);
    }
}

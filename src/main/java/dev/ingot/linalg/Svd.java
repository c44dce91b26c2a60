// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

import java.lang.foreign.SegmentAllocator;

/**
 * Where a singular value decomposition {@code a = u diag(s) v^T} goes, or is. What is not wanted has no columns: u, v or both.
 *
 * @param u left singular vectors, one a column, those of the largest values first
 * @param s singular values, one column, descending; at least as many as there are vectors
 * @param v right singular vectors, one a column (not a row, as in LAPACK)
 */
public record Svd(Matrix u, Matrix s, Matrix v) {
    /** Checks that the parts fit each other. */
    public Svd {
        int rank = Math.max(u.cols(), v.cols());
        boolean fits = s.cols() == 1 && s.rows() >= rank
                && (u.cols() == rank || u.cols() == 0) && (v.cols() == rank || v.cols() == 0);
        if (!fits || s.precision() != u.precision() || s.precision() != v.precision()) {
            throw new IllegalArgumentException("factors " + u + ", " + s + ", " + v + " do not fit each other");
        }
    }

    /** Room for the leading {@code rank} values and vectors of a matrix. */
    public static Svd allocate(SegmentAllocator memory, int rows, int cols, int rank, Precision precision) {
        return new Svd(
                Matrix.allocate(memory, rows, rank, precision),
                Matrix.allocate(memory, rank, 1, precision),
                Matrix.allocate(memory, cols, rank, precision));
    }

    /** How many pairs of vectors there are, or are wanted. */
    public int rank() {
        return Math.max(u.cols(), v.cols());
    }

    /** The decomposition of the transpose, such as of a tensor that is stored row by row; in the same memory. */
    public Svd transposed() {
        return new Svd(v, s, u);
    }

    /** The leading part, in the same memory. */
    public Svd leading(int rank) {
        return new Svd(
                u.columns(Math.min(rank, u.cols())), s.block(0, 0, rank, 1), v.columns(Math.min(rank, v.cols())));
    }

    /** Whether this is room for values and vectors of that matrix. */
    boolean fits(Matrix a) {
        return u.rows() == a.rows() && v.rows() == a.cols() && s.rows() <= a.smaller() && s.precision() == a.precision();
    }
}

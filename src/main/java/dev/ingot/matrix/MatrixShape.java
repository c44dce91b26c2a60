// SPDX-License-Identifier: Apache-2.0
package dev.ingot.matrix;

/**
 * A tensor of two dimensions and how many models are merged.
 *
 * @param n      columns of the tensor, rows of its view
 * @param m      rows of the tensor, columns of its view
 * @param models merged models, at least 1
 */
public record MatrixShape(int n, int m, int models) {
    /** The smaller dimension: how many singular values there are. */
    public int smaller() {
        return Math.min(n, m);
    }
}

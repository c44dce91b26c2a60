// SPDX-License-Identifier: Apache-2.0
/**
 * Algorithms on tensors of two dimensions as whole matrices: subspaces and optimisation. A {@link dev.ingot.matrix.MatrixProgram}
 * computes in stages of tasks on the deltas of the merged models and leaves a matrix of the tensor's shape. It sees matrices,
 * {@linkplain dev.ingot.linalg linear algebra} and elementwise formulas, but no file, address or thread.
 *
 * <p>A tensor lies row by row, so programs see its transpose ({@link dev.ingot.linalg.Matrix#ofRows}): in this package {@code n}
 * is the number of the tensor's columns, which are the rows of the view, and {@code m} that of its rows, its columns. A model's
 * delta tau, m x n, is the view {@code t = tau^T}, n x m; left singular vectors of tau are right ones of the view.
 */
package dev.ingot.matrix;

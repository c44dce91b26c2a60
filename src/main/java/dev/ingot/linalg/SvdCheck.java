// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

/**
 * How good a decomposition is, measured in float64.
 *
 * @param left     Frobenius norm of {@code u^T u - 1}
 * @param right    Frobenius norm of {@code v^T v - 1}
 * @param residual Frobenius norm of {@code a - u diag(s) v^T} over that of {@code a}; 0 for a matrix of zeros. What a truncated
 *                 decomposition leaves out counts too
 */
public record SvdCheck(double left, double right, double residual) {}

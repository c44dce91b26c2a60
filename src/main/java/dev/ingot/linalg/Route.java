// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

/** How a singular value decomposition was computed. */
public enum Route {
    /** Eigenvectors of the smaller Gram matrix in float64, and the matrix times them. */
    GRAM,
    /** Bidiagonalisation (LAPACK's gesdd, or gesvd where that does not converge). */
    DIRECT,
    /** A random sketch of the range, refined until the residuals were small enough. */
    RANDOMISED
}

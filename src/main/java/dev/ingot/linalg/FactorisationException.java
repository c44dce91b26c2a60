// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

/**
 * A matrix cannot be factorised: it holds NaN or infinity, or an {@linkplain ConvergenceException iteration of LAPACK did not
 * converge}. The caller knows which tensor it is.
 */
public sealed class FactorisationException extends RuntimeException permits ConvergenceException {
    private static final long serialVersionUID = 1L;

    /** @param message why, in one line that goes on after the tensor's name */
    public FactorisationException(String message) {
        super(message);
    }
}

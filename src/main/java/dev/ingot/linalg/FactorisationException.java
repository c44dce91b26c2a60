// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

/**
 * A matrix cannot be factorised: it holds NaN or infinity, or an iteration of LAPACK did not converge. The caller knows which
 * tensor it is.
 */
public final class FactorisationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param message why, in one line that goes on after the tensor's name */
    public FactorisationException(String message) {
        super(message);
    }
}

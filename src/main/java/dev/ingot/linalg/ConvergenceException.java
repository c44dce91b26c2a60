// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

/** An iteration of LAPACK did not converge on a matrix of finite numbers. Its values are not to blame. */
public final class ConvergenceException extends FactorisationException {
    private static final long serialVersionUID = 1L;

    /** @param message which, in one line that goes on after the tensor's name */
    public ConvergenceException(String message) {
        super(message);
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.error;

/** The merge was cancelled; finished tensors are kept and the same request continues. */
public final class InterruptedMergeException extends IngotException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message what is wrong and where, one line
     * @param hint    what the user can do, one line
     */
    public InterruptedMergeException(String message, String hint) {
        this(message, hint, null);
    }

    /**
     * @param message what is wrong and where, one line
     * @param hint    what the user can do, one line
     * @param cause   the underlying failure, or null
     */
    public InterruptedMergeException(String message, String hint, Throwable cause) {
        super(ExitCode.INTERRUPTED, message, hint, cause);
    }
}

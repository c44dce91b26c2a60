// SPDX-License-Identifier: Apache-2.0
package dev.ingot.error;

/** The plan needs more memory or disk than there is, or the output cannot be written. */
public final class ResourceException extends IngotException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message what is wrong and where, one line
     * @param hint    what the user can do, one line
     */
    public ResourceException(String message, String hint) {
        this(message, hint, null);
    }

    /**
     * @param message what is wrong and where, one line
     * @param hint    what the user can do, one line
     * @param cause   the underlying failure, or null
     */
    public ResourceException(String message, String hint, Throwable cause) {
        super(ExitCode.RESOURCES, message, hint, cause);
    }
}

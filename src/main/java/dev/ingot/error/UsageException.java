// SPDX-License-Identifier: Apache-2.0
package dev.ingot.error;

/** A request that makes no sense as asked: wrong option values or combinations. */
public final class UsageException extends IngotException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message what is wrong and where, one line
     * @param hint    what the user can do, one line
     */
    public UsageException(String message, String hint) {
        this(message, hint, null);
    }

    /**
     * @param message what is wrong and where, one line
     * @param hint    what the user can do, one line
     * @param cause   the underlying failure, or null
     */
    public UsageException(String message, String hint, Throwable cause) {
        super(ExitCode.USAGE, message, hint, cause);
    }
}

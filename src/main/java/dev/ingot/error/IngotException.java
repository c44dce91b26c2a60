// SPDX-License-Identifier: Apache-2.0
package dev.ingot.error;

import java.util.Objects;

/**
 * Base of all errors that Ingot reports on purpose. The message is one line that says what is wrong and
 * where (file, tensor, YAML line:column); {@link #hint()} is one line that says what to do about it.
 */
public class IngotException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ExitCode exitCode;
    private final String hint;

    /**
     * @param exitCode how the command line tool ends because of this error
     * @param message  what is wrong and where, one line
     * @param hint     what the user can do, one line
     * @param cause    the underlying failure, or null
     */
    protected IngotException(ExitCode exitCode, String message, String hint, Throwable cause) {
        super(message, cause);
        this.exitCode = Objects.requireNonNull(exitCode);
        this.hint = Objects.requireNonNull(hint);
    }

    /** How the command line tool ends because of this error. */
    public ExitCode exitCode() {
        return exitCode;
    }

    /** What the user can do, one line. */
    public String hint() {
        return hint;
    }
}

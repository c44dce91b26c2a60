// SPDX-License-Identifier: Apache-2.0
package dev.ingot.error;

/** An input checkpoint is missing, corrupt, or does not fit the other inputs. */
public final class CheckpointException extends IngotException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message what is wrong and where, one line
     * @param hint    what the user can do, one line
     */
    public CheckpointException(String message, String hint) {
        this(message, hint, null);
    }

    /**
     * @param message what is wrong and where, one line
     * @param hint    what the user can do, one line
     * @param cause   the underlying failure, or null
     */
    public CheckpointException(String message, String hint, Throwable cause) {
        super(ExitCode.CHECKPOINT, message, hint, cause);
    }
}

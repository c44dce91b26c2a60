// SPDX-License-Identifier: Apache-2.0
package dev.ingot.error;

/** Process exit codes of the command line tool; part of its contract. */
public enum ExitCode {
    /** The result is complete and has its final name. */
    DONE(0),
    /** A defect of Ingot itself. */
    INTERNAL(1),
    /** The command line could not be understood. */
    USAGE(2),
    /** The merge configuration is invalid. */
    CONFIG(3),
    /** An input checkpoint is missing, corrupt or does not fit the others. */
    CHECKPOINT(4),
    /** The plan needs more memory or disk than there is, or the output cannot be written. */
    RESOURCES(5),
    /** A device or a native library failed or is absent. */
    DEVICE(6),
    /** Interrupted; the same command continues the work. */
    INTERRUPTED(130);

    private final int code;

    ExitCode(int code) {
        this.code = code;
    }

    /** The number handed to the operating system. */
    public int code() {
        return code;
    }
}

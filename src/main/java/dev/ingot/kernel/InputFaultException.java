// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

/** A mapped input could not be read: its file became shorter or its device failed. The caller knows which files. */
public final class InputFaultException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param cause what Java saw, or null when native code saw it */
    public InputFaultException(Throwable cause) {
        super("a mapped input can no longer be read", cause);
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.error;

/** A compute backend, a device or a native library is absent or failed. */
public final class DeviceException extends IngotException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message what is wrong and where, one line
     * @param hint    what the user can do, one line
     */
    public DeviceException(String message, String hint) {
        this(message, hint, null);
    }

    /**
     * @param message what is wrong and where, one line
     * @param hint    what the user can do, one line
     * @param cause   the underlying failure, or null
     */
    public DeviceException(String message, String hint, Throwable cause) {
        super(ExitCode.DEVICE, message, hint, cause);
    }
}

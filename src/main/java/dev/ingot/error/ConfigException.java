// SPDX-License-Identifier: Apache-2.0
package dev.ingot.error;

/** The merge configuration is invalid; the message ends with the position in the YAML file. */
public final class ConfigException extends IngotException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message what is wrong and where, one line
     * @param hint    what the user can do, one line
     */
    public ConfigException(String message, String hint) {
        this(message, hint, null);
    }

    /**
     * @param message what is wrong and where, one line
     * @param hint    what the user can do, one line
     * @param cause   the underlying failure, or null
     */
    public ConfigException(String message, String hint, Throwable cause) {
        super(ExitCode.CONFIG, message, hint, cause);
    }
}

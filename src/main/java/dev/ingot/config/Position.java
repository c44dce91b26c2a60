// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import dev.ingot.error.ConfigException;
import java.util.Objects;

/**
 * A place in a configuration.
 *
 * @param source name of the file (or other origin), as the user gave it
 * @param line   1-based line; 0 if the source as a whole is meant
 * @param column 1-based column in Unicode code points; 0 if the source as a whole is meant
 */
public record Position(String source, int line, int column) {
    /** The position of everything that a program built without YAML. */
    public static final Position NONE = new Position("configuration built in code", 0, 0);

    /** Refuses a null source and negative numbers. */
    public Position {
        Objects.requireNonNull(source);
        if (line < 0 || column < 0) {
            throw new IllegalArgumentException("negative position " + line + ":" + column);
        }
    }

    /**
     * The error of something wrong at this place, to be thrown by the caller.
     *
     * @param what what is wrong, one line without the place
     * @param hint what the user can do, one line
     */
    public ConfigException error(String what, String hint) {
        return new ConfigException(what + " (" + this + ")", hint);
    }

    /** {@code file:line:column}, or the source alone where there is no line. */
    @Override
    public String toString() {
        String name = Quote.escape(source);
        return line == 0 ? name : name + ":" + line + ":" + column;
    }
}

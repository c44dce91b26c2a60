// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import java.util.Map;
import java.util.Objects;

/**
 * What a configuration was read from.
 *
 * @param name name of the file or other origin, as the user gave it
 * @param text the YAML, verbatim; empty if the configuration was built in code
 * @param keys where each top-level key was written
 */
public record ConfigSource(String name, String text, Map<String, Position> keys) {
    /** The source of configurations that were built in code. */
    public static final ConfigSource NONE = new ConfigSource(Position.NONE.source(), "", Map.of());

    /** Copies the map; refuses nulls. */
    public ConfigSource {
        Objects.requireNonNull(name);
        Objects.requireNonNull(text);
        keys = Map.copyOf(keys);
    }

    /** Where a top-level key was written; the source as a whole if it was not. */
    public Position positionOf(String key) {
        Position found = keys.get(key);
        return found != null ? found : new Position(name, 0, 0);
    }
}

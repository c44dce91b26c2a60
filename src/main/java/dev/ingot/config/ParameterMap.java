// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Method parameters of one level (a model, a slice, a module, or the whole configuration), in the order in which
 * they were written. The names are not checked here.
 *
 * @param settings  the setting of each name
 * @param positions where each name was written; same keys as {@code settings}
 */
public record ParameterMap(Map<String, Setting> settings, Map<String, Position> positions) {
    /** No parameters. */
    public static final ParameterMap EMPTY = new ParameterMap(Map.of(), Map.of());

    /** Copies the maps; refuses maps with different keys. */
    public ParameterMap {
        settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
        positions = Collections.unmodifiableMap(new LinkedHashMap<>(positions));
        settings.values().forEach(Objects::requireNonNull);
        if (!settings.keySet().equals(positions.keySet())) {
            throw new IllegalArgumentException("settings " + settings.keySet() + ", positions " + positions.keySet());
        }
    }

    /** Parameters that were not written in a file; numbers are {@link Setting#of(double)}. */
    public static ParameterMap of(Map<String, ? extends Setting> settings) {
        Map<String, Position> positions = new LinkedHashMap<>();
        settings.forEach((name, setting) -> positions.put(name, setting.position()));
        return new ParameterMap(new LinkedHashMap<>(settings), positions);
    }

    /** The setting of a name, if it is set at this level. */
    public Optional<Setting> get(String name) {
        return Optional.ofNullable(settings.get(name));
    }

    /** The names set at this level, in order. */
    public List<String> names() {
        return List.copyOf(settings.keySet());
    }

    /** Where the name was written, for messages about names; {@link Position#NONE} if it is not set here. */
    public Position positionOf(String name) {
        return positions.getOrDefault(name, Position.NONE);
    }
}

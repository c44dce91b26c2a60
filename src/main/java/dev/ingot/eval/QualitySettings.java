// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What {@link QualityBench} is to measure. Immutable.
 *
 * @param family    the family's folder
 * @param methods   a file of methods; empty for those that come with Ingot
 * @param only      parts of names, in any case: only rows whose name contains one of them; empty for all
 * @param reference a table to compare with; empty for none
 */
public record QualitySettings(Path family, Optional<Path> methods, List<String> only, Optional<Path> reference) {
    /** Copies the list. */
    public QualitySettings {
        only = List.copyOf(only);
    }

    /** All methods that come with Ingot, beside {@code reference/table.json} where the family has one. */
    public static QualitySettings of(Path family) {
        Path table = family.resolve("reference").resolve("table.json");
        return new QualitySettings(family, Optional.empty(), List.of(),
                Optional.of(table).filter(Files::isRegularFile));
    }

    /** Whether a row of this name is to be measured. */
    boolean includes(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return only.isEmpty() || only.stream().anyMatch(part -> lower.contains(part.toLowerCase(Locale.ROOT)));
    }
}

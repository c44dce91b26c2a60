// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

import java.util.Map;
import java.util.OptionalLong;

/**
 * A row of the benchmark that is still to be measured. Immutable.
 *
 * @param template  the entry that it comes from
 * @param name      what to call it
 * @param reference name of the row in a reference table
 * @param variables values that the row fixes
 * @param seed      seed of random masks; empty if nothing is random
 */
record QualityRow(RowTemplate template, String name, String reference, Map<String, String> variables,
        OptionalLong seed) {
    QualityRow {
        variables = Map.copyOf(variables);
    }
}

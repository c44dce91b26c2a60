// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

import dev.ingot.error.ConfigException;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Texts with variables, written ${name}. */
final class Variables {
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([^}]*)}");

    private Variables() {}

    /**
     * The text with every variable replaced by its value.
     *
     * @param where place of the text, for messages
     * @throws ConfigException if a variable has no value
     */
    static String fill(String text, Map<String, String> values, String where) {
        return VARIABLE.matcher(text).replaceAll(found -> {
            String value = values.get(found.group(1));
            if (value == null) {
                throw new ConfigException(
                        "${" + found.group(1) + "} has no value here (" + where + ")",
                        values.isEmpty()
                                ? "there are no variables here; docs/quality.md says where they are set"
                                : "variables here are: " + String.join(", ", new TreeSet<>(values.keySet())));
            }
            return Matcher.quoteReplacement(value);
        });
    }
}

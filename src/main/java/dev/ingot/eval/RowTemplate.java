// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * An entry of a file of methods, from which one row or several are made: one for each {@code lambda}, each seed and, if
 * asked for, each expert. Immutable.
 *
 * @param where     the entry's place, for messages
 * @param name      what to call the rows; may hold variables
 * @param reference name of the row in a reference table; may hold variables
 * @param isMerge   whether the recipe is a merge configuration; else it is a model's path in the family's folder
 * @param recipe    text with variables
 * @param lambdas   values of ${lambda}, a row for each; may be empty
 * @param tune      values of ${lambda} of which the best on the calibration data is taken; may be empty
 * @param seeds     seeds of random masks, a row for each; may be empty
 * @param perTask   whether every task has a model of its own, made with ${task}
 * @param perExpert whether there is a row for each expert, made with ${task}
 */
record RowTemplate(String where, String name, String reference, boolean isMerge, String recipe,
        List<BigDecimal> lambdas, List<BigDecimal> tune, List<Long> seeds, boolean perTask, boolean perExpert) {
    RowTemplate {
        lambdas = List.copyOf(lambdas);
        tune = List.copyOf(tune);
        seeds = List.copyOf(seeds);
    }

    /**
     * The rows of this entry for a family.
     *
     * @throws dev.ingot.error.ConfigException if a name holds a variable that is not known
     */
    List<QualityRow> rows(QualityFamily family) {
        List<Map<String, String>> bindings = List.of(Map.of());
        bindings = multiply(bindings, "lambda", lambdas.stream().map(BigDecimal::toPlainString).toList());
        bindings = multiply(bindings, "seed", seeds.stream().map(String::valueOf).toList());
        bindings = multiply(bindings, "task", perExpert ? family.experts() : List.of());
        return bindings.stream().map(this::row).toList();
    }

    private static List<Map<String, String>> multiply(
            List<Map<String, String>> bindings, String variable, List<String> values) {
        if (values.isEmpty()) {
            return bindings;
        }
        List<Map<String, String>> product = new ArrayList<>();
        for (Map<String, String> binding : bindings) {
            for (String value : values) {
                Map<String, String> extended = new HashMap<>(binding);
                extended.put(variable, value);
                product.add(extended);
            }
        }
        return product;
    }

    private QualityRow row(Map<String, String> variables) {
        String seed = variables.get("seed");
        return new QualityRow(this, Variables.fill(name, variables, where), Variables.fill(reference, variables, where),
                variables, seed == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(seed)));
    }
}

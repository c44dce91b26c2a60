// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ingot.Ingot;
import dev.ingot.MergeRequest;
import dev.ingot.MethodInfo;
import dev.ingot.error.ConfigException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RowFileTest {
    private static final QualityFamily FAMILY = QualityFamily.open(Fixtures.llama("family"));
    private static final Pattern METHOD = Pattern.compile("merge_method: (\\w+)");

    @Test
    void anEntryMakesARowForEachValue() {
        List<RowTemplate> templates = RowFile.parse("""
                - name: a ${lambda} ${seed}
                  reference: b ${lambda}
                  lambda: [0.1 to 0.3 by 0.1, 1.0]
                  seed: [4, 7]
                  merge: text ${lambda}
                - name: of ${task}
                  per_expert: true
                  model: expert_${task}
                """, "rows.yml");
        assertThat(templates.getFirst().rows(FAMILY)).extracting(QualityRow::name).containsExactly(
                "a 0.1 4", "a 0.1 7", "a 0.2 4", "a 0.2 7", "a 0.3 4", "a 0.3 7", "a 1.0 4", "a 1.0 7");
        assertThat(templates.getFirst().rows(FAMILY).getLast().reference()).isEqualTo("b 1.0");
        assertThat(templates.getFirst().rows(FAMILY).getLast().seed()).hasValue(7);
        assertThat(templates.getLast().rows(FAMILY)).extracting(QualityRow::name).containsExactly("of one", "of two");
        assertThat(templates.getLast().rows(FAMILY).getFirst().seed()).isEmpty();
    }

    @Test
    void valuesToTuneAreSorted() {
        RowTemplate template = RowFile.parse("- {name: a, model: m, tune: [2, 0.5 to 1.5 by 0.5]}", "rows.yml").getFirst();
        assertThat(template.tune()).extracting(Object::toString).containsExactly("0.5", "1.0", "1.5", "2");
        assertThat(template.rows(FAMILY)).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "- {nam: a}|unknown key 'nam' (rows.yml:1:4)",
        "- {model: a}|a row without a name (rows.yml:1:3)",
        "- {name: a}|row 'a' needs either merge or model (rows.yml:1:3)",
        "- {name: a, merge: b, model: c}|row 'a' needs either merge or model (rows.yml:1:3)",
        "- {name: a, model: b, lambda: 1, tune: 2}|lambda is given and to be tuned (rows.yml:1:34)",
        "- {name: a, model: b, tune: high}|tune: 'high' is no number (rows.yml:1:23)",
        "- {name: a, model: b, tune: 1 to 2}|'1 to 2' is no number",
        "- {name: a, model: b, tune: 1 to 2 by 0}|'1 to 2 by 0' does not end",
        "- {name: a, model: b, tune: 0 to 9 by 0.001}|does not end",
        "- {name: a, model: b, tune: 2 to 1 by 1}|tune has no values (rows.yml:1:23)",
        "- {name: a, model: b, lambda: []}|lambda has no values",
        "- {name: a, model: b, seed: 0.5}|seed 0.5 is no integer",
        "- {name: a, model: b, per_task: yes}|per_task is neither true nor false",
        "- {name: [a], model: b}|name is a list (rows.yml:1:4)",
        "- {name: a, name: b}|the key is there twice (rows.yml:1:13)",
        "- {name: {a: b}}|text expected here (rows.yml:1:10)",
        "- a|a row of keys and values expected here (rows.yml:1:3)",
        "a: b|a list of rows expected here (rows.yml:1:1)",
        "- {name: a|YAML syntax",
        "'- \"\\x\"'|YAML syntax"})
    void faultsArePlaced(String text, String message) {
        assertThatThrownBy(() -> RowFile.parse(text, "rows.yml")).isInstanceOf(ConfigException.class)
                .hasMessageContaining(message).hasMessageContaining("rows.yml").hasMessageNotContaining("\n");
    }

    @Test
    void emptyAndHostileTextsAreRefused() {
        for (String text : List.of("", "# nothing", "[[[[[".repeat(100_000), "- &a {name: *a}", "\0", "- a\n---\n- b")) {
            assertThatThrownBy(() -> RowFile.parse(text, "rows.yml")).isInstanceOf(ConfigException.class);
        }
    }

    @Test
    void variablesWithoutAValueAreNamed() {
        RowTemplate template = RowFile.parse("- {name: 'a ${what}', model: b, lambda: 1}", "rows.yml").getFirst();
        assertThatThrownBy(() -> template.rows(FAMILY)).isInstanceOf(ConfigException.class)
                .hasMessage("${what} has no value here (rows.yml:1:3, row 'a ${what}')")
                .satisfies(e -> assertThat(((ConfigException) e).hint()).endsWith(": lambda"));
    }

    /** Every configuration can be read, and every method that merges any number of models is measured somewhere. */
    @ParameterizedTest
    @ValueSource(strings = {"vision", "language"})
    void methodsThatComeWithIngotAreValid(String kind) {
        for (RowTemplate template : RowFile.builtIn(kind)) {
            if (template.isMerge()) {
                Map<String, String> variables = new HashMap<>(Map.of(
                        "lambda", "0.5", "experts", "[{model: a}, {model: b}]", "count", "2", "seed", "0"));
                if (template.perTask()) {
                    variables.putAll(Map.of("task", "a", "index", "0"));
                }
                String yaml = Variables.fill(template.recipe(), variables, template.where());
                assertThat(MergeRequest.ofYaml(yaml, template.where(), Path.of(""), Path.of("out"))).isNotNull();
                assertThat(yaml).contains("dtype: float32");
            }
        }
    }

    @Test
    void everyMethodOfManyModelsIsMeasuredOnImages() {
        List<String> measured = RowFile.builtIn("vision").stream()
                .flatMap(template -> METHOD.matcher(template.recipe()).results().map(found -> found.group(1)))
                .collect(Collectors.toList());
        assertThat(measured).containsAll(Ingot.create().methods().stream()
                .filter(method -> method.maxModels().isEmpty() || method.maxModels().getAsInt() > Math.max(2, method.minModels()))
                .map(MethodInfo::name).toList());
    }
}

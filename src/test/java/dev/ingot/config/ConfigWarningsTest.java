// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigWarningsTest {
    private static List<String> warnings(String line) {
        return TestConfigs.linear(line).warnings().stream().map(ConfigWarning::toString).toList();
    }

    @ParameterizedTest
    @CsvSource({
        "yes, true, text", "Off, false, text", "012, 10, 12", "-010, -8, -10", "1_000, 1000, text",
        "1:30, 90, text", "0b11, 3, text", "-0x1F, -31, text", "0.1_5, 0.15, text"
    })
    void numbersThatYaml12ReadsDifferently(String text, String read, String other) {
        assertThat(warnings("parameters: {t: " + text + "}")).containsExactly("'" + text + "' is read as " + read
                + ", as mergekit (YAML 1.1) does, but is " + other + " in YAML 1.2; write " + read + " (m.yml:3:17)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "0.5", "true", "FALSE", "1e-3", "1e3", ".5", "-.5", "00", "01", "-0", "08", "0x1F",
        "'012'", "'1_000'", "1.", "!!int 012"})
    void noWarningWhereBothReadTheSame(String text) {
        assertThat(warnings("parameters: {t: " + text + "}")).isEmpty();
    }

    @Test
    void textThatMergekitTakesForSomethingElse() {
        assertThat(warnings("base_model: {model: {path: 123, revision: 2024-01-01}}")).containsExactly(
                "'123' is taken as text, but mergekit reads a number there and refuses it; put it in quotes"
                        + " (m.yml:3:28)",
                "'2024-01-01' is taken as text, but mergekit reads a date there and refuses it; put it in quotes"
                        + " (m.yml:3:43)");
        assertThat(warnings("parameters: {no: {value: 1, filter: on}}")).hasSize(2)
                .allMatch(warning -> warning.contains("reads a boolean there"));
        assertThat(TestConfigs.linear("base_model: 0123").baseModel()).contains(ModelReference.of("0123"));
    }

    @Test
    void quotedTextNeedsNoWarning() {
        assertThat(warnings("base_model: '123'")).isEmpty();
        assertThat(warnings("base_model: !!str 123")).isEmpty();
    }

    @Test
    void conditionsThatNeverCount() {
        assertThat(warnings("parameters: {t: [{value: 1}, {filter: a, value: 2}]}")).containsExactly(
                "this condition of 't' never counts, because the one before accepts every tensor (m.yml:3:30)");
        assertThat(warnings("parameters: {t: [{value: 1, filter: '*'}, {value: 2}]}")).hasSize(1);
        assertThat(warnings("parameters: {t: [{value: 1, filter: a}, {value: 2}]}")).isEmpty();
    }

    @Test
    void settingsWithoutEffect() {
        MergeConfig config = TestConfigs.parse("merge_method: x\n"
                + "slices: [{residual_weight: 0.5, sources: [{model: a, layer_range: [0, 1]}]}]");
        assertThat(config.warnings()).map(ConfigWarning::toString)
                .containsExactly("'residual_weight' has no effect, as in mergekit (m.yml:2:28)");
    }

    @Test
    void theirNumberIsBounded() {
        assertThat(warnings("parameters: {t: [" + "yes, ".repeat(100_000) + "1]}")).hasSize(101)
                .last().asString().startsWith("more warnings are left out");
    }
}

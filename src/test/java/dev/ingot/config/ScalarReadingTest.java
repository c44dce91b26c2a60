// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ingot.config.ScalarReading.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScalarReadingTest {
    /** The table was written by PyYAML itself: 170 chosen cases and 900 random ones. */
    @Test
    void readsEveryScalarAsPyYamlDoes() {
        List<String> different = new ArrayList<>();
        int rows = 0;
        for (String row : TestConfigs.text("pyyaml-scalars.tsv").lines().toList()) {
            if (row.startsWith("#")) {
                continue;
            }
            rows++;
            String[] cells = row.split("\t");
            ScalarReading reading = ScalarReading.yaml11(cells[0]);
            // where PyYAML raises an error, text is what Ingot refuses later, if a number is wanted
            Kind kind = cells[1].equals("FAILS") ? Kind.TEXT : Kind.valueOf(cells[1]);
            if (reading.kind() != kind || Double.compare(reading.number(), Double.parseDouble(cells[2])) != 0) {
                different.add(row + " -> " + reading);
            }
        }
        assertThat(rows).isGreaterThan(1000);
        assertThat(different).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "yes, TEXT, 0", "on, TEXT, 0", "true, BOOLEAN, 1", "FALSE, BOOLEAN, 0", "1e-3, NUMBER, 0.001",
        "1e3, NUMBER, 1000", "012, NUMBER, 12", "0o14, NUMBER, 12", "1_000, TEXT, 0", ".5, NUMBER, 0.5",
        "~, NULL, 0", "1:30, TEXT, 0", "+1, NUMBER, 1", "0x1F, NUMBER, 31", "-0x1F, TEXT, 0", "1., NUMBER, 1",
        "-.inf, NUMBER, -Infinity", ".nan, NUMBER, NaN", "2024-01-01, TEXT, 0", "0b11, TEXT, 0"
    })
    void readsScalarsAsYaml12DoesForComparison(String text, Kind kind, double number) {
        assertThat(ScalarReading.yaml12(text)).isEqualTo(new ScalarReading(kind, number));
    }

    @ParameterizedTest
    @CsvSource({
        "1e-3, 0.001", "1e3, 1000", "1.5e3, 1500", "-.5, -0.5", "+.5, 0.5", "0.5, 0.5", "' 0.5 ', 0.5",
        "08, 8", "1_000, 1000", "5., 5"
    })
    void takesTheNumberFromText(String text, double number) {
        assertThat(ScalarReading.numberInText(text)).isEqualTo(OptionalDouble.of(number));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "true", "0o14", "0x1F", "1__0", "_1", "1_", ".", "1e", "e5", "1 2", "nan", "inf"})
    void takesNoNumberFromOtherText(String text) {
        assertThat(ScalarReading.numberInText(text)).isEmpty();
    }

    @Test
    void takesOverlongDigitsForText() {
        String digits = "1".repeat(1_000_000);
        assertThat(ScalarReading.yaml11(digits)).isEqualTo(ScalarReading.TEXT);
        assertThat(ScalarReading.yaml12(digits)).isEqualTo(ScalarReading.TEXT);
        assertThat(ScalarReading.numberInText(digits)).isEmpty();
    }
}

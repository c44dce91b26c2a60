// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ParameterTest {
    private enum Combine {
        SUM,
        DISJOINT_MEAN
    }

    @Test
    void aChoiceOfAnEnumHasItsNamesInLowerCase() {
        Parameter choice =
                Parameter.choice("combine", Parameter.Level.GLOBAL, Combine.class, Combine.DISJOINT_MEAN, "how");
        assertThat(choice.choices()).containsExactly("sum", "disjoint_mean");
        assertThat(choice.defaultChoice()).contains("disjoint_mean");
        ParameterValues values = new ParameterValues(Map.of(), Map.of("combine", "disjoint_mean"));
        assertThat(values.choice("combine", Combine.class)).isEqualTo(Combine.DISJOINT_MEAN);
        assertThat(values.choice("combine")).isEqualTo("disjoint_mean");
        assertThatThrownBy(() -> values.choice("other")).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aChoiceIsBetweenNamesOneOfWhichIsTheDefault() {
        Parameter.Level level = Parameter.Level.PER_MODEL;
        assertThatThrownBy(() -> Parameter.choice("c", level, List.of(), "a", "")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Parameter.choice("c", level, List.of("b"), "a", ""))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(Parameter.number("n", level, 1, Parameter.Range.ANY, "").defaultChoice()).isEmpty();
    }

    /** What YAML reads as something else, or as text that is no name. */
    @ParameterizedTest
    @ValueSource(strings = {"no", "on", "null", "1", "Mean", "disjoint mean", ""})
    void aChoiceHasNamesThatYamlTakesForText(String name) {
        assertThatThrownBy(() -> Parameter.choice("c", Parameter.Level.GLOBAL, List.of(name), name, ""))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** Plans of methods without choices keep the hash that they had before there were any. */
    @Test
    void valuesAreTold() {
        assertThat(new ParameterValues(Map.of("t", 0.5, "a", 1.0))).hasToString("ParameterValues[values={a=1.0, t=0.5}]");
        assertThat(new ParameterValues(Map.of(), Map.of("c", "sum")).toString()).contains("c=sum");
    }
}

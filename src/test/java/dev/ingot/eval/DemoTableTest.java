// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class DemoTableTest {
    private static final DemoResult RESULT = new DemoResult(List.of("a", "letters"), 300,
            new DemoResult.Row("base", List.of(50.0, 0.0), OptionalDouble.empty()),
            new DemoResult.Row("experts", List.of(100.0, 80.0), OptionalDouble.empty()),
            List.of(new DemoResult.Row("ties", List.of(90.25, 40.0), OptionalDouble.of(1.234)),
                    new DemoResult.Row("task_arithmetic", List.of(75.0, 60.0), OptionalDouble.of(12))));

    @Test
    void columnsAreAligned() {
        assertThat(DemoTable.render(RESULT)).isEqualTo("""
                Accuracy in % of 300 test images; "kept" is the mean of merge / expert over the tasks

                model                a  letters  mean   kept  merge s
                base              50.0      0.0  25.0   25.0
                experts          100.0     80.0  90.0  100.0
                ties              90.3     40.0  65.1   70.1     1.23
                task_arithmetic   75.0     60.0  67.5   75.0    12.00
                """);
    }

    @Test
    void doesNotDependOnTheLocale() {
        Locale before = Locale.getDefault();
        String expected = DemoTable.render(RESULT);
        try {
            Locale.setDefault(Locale.GERMANY);
            assertThat(DemoTable.render(RESULT)).isEqualTo(expected);
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void rowsMustHaveAnAccuracyPerTask() {
        DemoResult.Row one = new DemoResult.Row("one", List.of(1.0), OptionalDouble.empty());
        assertThatThrownBy(() -> new DemoResult(List.of("a", "letters"), 1, RESULT.base(), RESULT.experts(),
                List.of(one))).isInstanceOf(IllegalArgumentException.class);
    }
}

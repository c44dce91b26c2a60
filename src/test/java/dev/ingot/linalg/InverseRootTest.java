// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InverseRootTest {
    @ParameterizedTest
    @CsvSource({"1e-9, 1, 1e-8", "1e-14, 30, 1e-9", "1e-3, 1e3, 1e-6", "1e-20, 2e-16, 1e-10", "1, 1.0001, 1e-8"})
    void isAsCloseAsItWasAskedFor(double lowest, double highest, double error) {
        InverseRoot root = InverseRoot.of(lowest, highest, error);
        double worst = 0;
        for (int i = 0; i <= 4000; i++) {
            double x = lowest * Math.pow(highest / lowest, i / 4000.0);
            worst = Math.max(worst, Math.abs(root.at(x) * Math.sqrt(x) - 1));
        }
        assertThat(worst).isLessThan(error);
        assertThat(Arrays.stream(root.shifts())).allMatch(shift -> shift > 0);
        assertThat(Arrays.stream(root.weights())).allMatch(weight -> weight > 0);
    }

    @ParameterizedTest
    @CsvSource({"1e-9, 1e-8", "1e-14, 1e-9"})
    void hasNoMoreTermsThanItNeeds(double lowest, double error) {
        InverseRoot root = InverseRoot.of(lowest, 1, error * 30);
        double worst = 0;
        for (int i = 0; i <= 4000; i++) {
            double x = Math.pow(lowest, i / 4000.0);
            worst = Math.max(worst, Math.abs(root.at(x) * Math.sqrt(x) - 1));
        }
        assertThat(worst).isGreaterThan(error);
    }
}

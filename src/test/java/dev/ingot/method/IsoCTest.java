// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ingot.matrix.MatrixShape;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IsoCTest {
    /** A half is rounded to even, and there are never more directions than the matrix has. */
    @ParameterizedTest
    @CsvSource({
        "32, 4, 0.8, 2", "16, 4, 0.8, 1", "10, 2, 0.5, 2", "14, 2, 0.5, 4", "3, 2, 0, 1", "10, 3, 1, 0", "10, 64, 0.8, 0",
        "1, 1, 0.8, 1", "768, 8, 0.8, 19"
    })
    void directionsOfEachTask(int smaller, int models, double fraction, int expected) {
        assertThat(IsoC.perTask(new MatrixShape(smaller, 2 * smaller, models), fraction)).isEqualTo(expected);
        assertThat(IsoC.perTask(new MatrixShape(2 * smaller, smaller, models), fraction)).isEqualTo(expected);
    }
}

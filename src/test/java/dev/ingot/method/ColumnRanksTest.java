// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ColumnRanksTest {
    private static ColumnRanks ranks(double[]... products) {
        return ColumnRanks.of(products.length, (column, product) -> products[column][product]);
    }

    private static int[] places(double... values) {
        return all(Places.of(values), values.length);
    }

    private static int[] all(Places places, int count) {
        return IntStream.range(0, count).map(places::at).toArray();
    }

    @Test
    void equalValuesAreRankedInOrder() {
        assertThat(places(2, 1, 2, 0, 1, 2)).containsExactly(3, 1, 4, 0, 2, 5);
        assertThat(places(0, 0, 0)).containsExactly(0, 1, 2);
        assertThat(places()).isEmpty();
    }

    @Test
    void noNumbersAreRankedLast() {
        double inf = Double.POSITIVE_INFINITY;
        assertThat(places(Double.NaN, 3, inf, Double.NaN, 1)).containsExactly(3, 1, 2, 4, 0);
    }

    /** Norms 3 and 1, 2 and 2, 5 and 4; cosines 1, 0 and 1/2. */
    @Test
    void lengthsAndDirectionsAreRankedEachForThemselves() {
        ColumnRanks ranks = ranks(new double[] {9, 3, 1}, new double[] {4, 0, 4}, new double[] {25, 10, 16});
        assertThat(all(ranks.magnitude(), 3)).containsExactly(2, 0, 1);
        assertThat(all(ranks.direction(), 3)).containsExactly(0, 2, 1);
    }

    /** Whatever the rounding of their products is, columns that did not change come before the one that turned least. */
    @Test
    void unchangedColumnsHaveNotTurnedAtAll() {
        double turned = 0.1 * (1 - 1e-15);
        ColumnRanks ranks = ranks(
                new double[] {0.1, turned, 0.1}, new double[] {0.1, 0.1, 0.1}, new double[] {7.3, 7.3, 7.3},
                new double[] {1e-30, 1e-30, 1e-30});
        assertThat(all(ranks.direction(), 4)).containsExactly(3, 0, 1, 2);
        assertThat(all(ranks.magnitude(), 4)).containsExactly(0, 1, 2, 3);
    }

    /** No direction: the same as another column of zeros, orthogonal to all others, and never no number. */
    @Test
    void columnsOfZerosHaveARank() {
        ColumnRanks ranks = ranks(
                new double[] {4, 0, 0}, new double[] {1, 0.5, 1}, new double[] {0, 0, 0}, new double[] {0, 0, 9},
                new double[] {1, -1, 1});
        assertThat(all(ranks.direction(), 5)).containsExactly(2, 1, 0, 3, 4);
        assertThat(all(ranks.magnitude(), 5)).containsExactly(3, 0, 1, 4, 2);
    }
}

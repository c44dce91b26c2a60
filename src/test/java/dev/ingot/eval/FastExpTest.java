// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class FastExpTest {
    @Test
    void isCloseEverywhere() {
        double worst = 0;
        for (float x = -86; x <= 88; x += 0.00173f) {
            double expected = StrictMath.exp(x);
            worst = Math.max(worst, Math.abs(FastExp.exp(x) - expected) / expected);
        }
        assertThat(worst).isBetween(1e-9, 4e-7);
        assertThat(FastExp.exp(0)).isEqualTo(1);
        assertThat(FastExp.exp(-0f)).isEqualTo(1);
    }

    @Test
    void endsAreDefined() {
        assertThat(FastExp.exp(-86.1f)).isZero();
        assertThat(FastExp.exp(Float.NEGATIVE_INFINITY)).isZero();
        assertThat(FastExp.exp(88.1f)).isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(FastExp.exp(Float.POSITIVE_INFINITY)).isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(FastExp.exp(Float.NaN)).isNaN();
    }

    @Test
    void siluIsTheLogisticFunctionTimesX() {
        for (float x = -20; x <= 20; x += 0.37f) {
            assertThat((double) FastExp.silu(x)).isCloseTo(x / (1 + StrictMath.exp(-x)), Offset.offset(2e-6));
        }
        assertThat(FastExp.silu(100)).isEqualTo(100);
        assertThat(FastExp.silu(-100)).isZero();
    }
}

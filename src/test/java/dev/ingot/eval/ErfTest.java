// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErfTest {
    /** Values of the C library's erf, through Python's math.erf. */
    @ParameterizedTest
    @CsvSource({"0, 0", "1e-300, 1.1283791670955126e-300", "1e-8, 1.1283791670955126e-08", "0.1, 0.1124629160182849",
        "0.46875, 0.49261347321793797", "0.47, 0.4937450508860821", "0.5, 0.5204998778130465",
        "1, 0.8427007929497149", "1.5, 0.9661051464753108", "2, 0.9953222650189527", "3, 0.9999779095030014",
        "3.999, 0.9999999844552505", "4, 0.9999999845827421", "4.001, 0.9999999847092178",
        "5, 0.9999999999984626", "5.9, 0.9999999999999999", "6, 1", "30, 1", "Infinity, 1"})
    void knownValues(double x, double expected) {
        assertThat(Erf.erf(x)).isCloseTo(expected, within(1e-15 * Math.max(expected, 1e-285)));
        assertThat(Erf.erf(-x)).isEqualTo(-Erf.erf(x));
    }

    @Test
    void agreesWithTheSeriesEverywhere() {
        for (int i = -6500; i <= 6500; i++) {
            double x = i / 1000.0 + 1e-5;
            assertThat(Erf.erf(x)).as("erf(%s)", x).isCloseTo(series(x), within(2e-15));
        }
    }

    @Test
    void keepsNaN() {
        assertThat(Erf.erf(Double.NaN)).isNaN();
        assertThat(Erf.gelu(Float.NaN)).isNaN();
    }

    /** Values of PyTorch's gelu in double precision, rounded to float. */
    @ParameterizedTest
    @CsvSource({"0.0, 0.0", "0.5, 0.3457312285900116", "1.0, 0.8413447737693787",
        "-1.0, -0.15865525603294373", "-0.25, -0.10032341629266739", "2.5, 2.48447585105896",
        "-2.5, -0.015524162910878658", "-4.0, -0.000126684972201474", "6.0, 6.0",
        "10.0, 10.0", "-10.0, -0.0"})
    void gelu(float x, float expected) {
        assertThat(Erf.gelu(x)).isCloseTo(expected, within(Math.ulp(expected)));
    }

    /** NIST Digital Library of Mathematical Functions, 7.6.2: all terms have one sign, so nothing cancels. */
    private static double series(double x) {
        double term = x;
        double sum = x;
        for (int n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }
        return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
    }
}

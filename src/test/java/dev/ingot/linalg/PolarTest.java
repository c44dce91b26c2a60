// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolarTest {
    private static final long LIMIT = 1L << 28;

    private final Arena arena = Arena.ofConfined();
    private final Matrices matrices = new Matrices(arena);
    private LinearAlgebra algebra;

    @BeforeEach
    void open() {
        assumeTrue(LinearAlgebra.refusal().isEmpty(), () -> LinearAlgebra.refusal().orElseThrow());
        algebra = LinearAlgebra.open(LIMIT);
    }

    @AfterEach
    void close() {
        if (algebra != null) {
            algebra.close();
        }
        arena.close();
    }

    /** q p with p symmetric and no negative eigenvalue must be a, and q's shorter side orthonormal. */
    private void assertPolar(Matrix a, Matrix q) {
        assertPolar(a, q, 16);
    }

    private void assertPolar(Matrix a, Matrix q, int singleRoundings) {
        Precision precision = a.precision();
        int order = a.smaller();
        // The errors of LAPACK's own decomposition, which float64 matrices go through, grow with the order.
        double roundings = precision == Precision.F32 ? singleRoundings : 32 + order;
        double tolerance = roundings * precision.roundoff() * Math.sqrt(order);
        boolean tall = a.rows() >= a.cols();
        Matrix wide = matrices.zeros(a.rows(), a.cols(), Precision.F64);
        Matrix factor = matrices.zeros(a.rows(), a.cols(), Precision.F64);
        algebra.copy(a, wide);
        algebra.copy(q, factor);
        Matrix product = matrices.zeros(order, order, Precision.F64);
        algebra.gemm(1, factor, tall, factor, !tall, 0, product);
        for (int i = 0; i < order; i++) {
            product.set(i, i, product.get(i, i) - 1);
        }
        assertThat(algebra.norm(product)).as("orthogonality").isLessThan(tolerance);
        algebra.gemm(1, tall ? factor : wide, tall, tall ? wide : factor, !tall, 0, product);
        double skew = 0;
        for (int j = 0; j < order; j++) {
            for (int i = 0; i < j; i++) {
                skew = Math.max(skew, Math.abs(product.get(i, j) - product.get(j, i)));
            }
        }
        double norm = algebra.norm(a);
        assertThat(skew).as("symmetry").isLessThanOrEqualTo(tolerance * norm);
        Matrix rest = matrices.zeros(a.rows(), a.cols(), Precision.F64);
        algebra.copy(a, rest);
        algebra.gemm(-1, tall ? factor : product, false, tall ? product : factor, false, 1, rest);
        assertThat(algebra.norm(rest)).as("residual").isLessThanOrEqualTo(tolerance * norm);
        Matrix values = matrices.zeros(order, 1, Precision.F64);
        algebra.eigh(product, values);
        assertThat(values.get(0, 0)).as("lowest eigenvalue").isGreaterThanOrEqualTo(-tolerance * norm);
    }

    /** Fails if more work space is cut off than was planned. */
    private static int inPlannedSpace(Matrix a, Matrix q) {
        try (LinearAlgebra tight = LinearAlgebra.open(WorkSpace.polar(a.rows(), a.cols(), a.precision()))) {
            return tight.polar(a, -1, q);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1, 9", "9, 1", "2, 3", "60, 60", "200, 50", "50, 200", "300, 290", "290, 300"})
    void ofRandomMatrices(int rows, int cols) {
        for (Precision precision : Precision.values()) {
            Matrix a = matrices.random(rows, cols, precision, rows * 1000L + cols);
            Matrix q = matrices.zeros(rows, cols, precision);
            assertThat(inPlannedSpace(a, q)).isEqualTo(a.smaller());
            assertPolar(a, q);
        }
    }

    @ParameterizedTest
    @CsvSource({"60, 60", "150, 60", "60, 150"})
    void ofAnySpectrumAllDirectionsAreKept(int rows, int cols) {
        List<IntToDoubleFunction> spectra = List.of(
                i -> Math.pow(1e-8, i / 59.0), i -> i < 20 ? 3 : 1e-3, i -> 1, i -> i < 7 ? 2 : 0, i -> 0,
                i -> 1e15 * Math.pow(1e-4, i / 59.0), i -> 1e-15 / (1 + i));
        for (Precision precision : Precision.values()) {
            for (IntToDoubleFunction spectrum : spectra) {
                Matrix a = matrices.withValues(rows, cols, precision, 3, spectrum);
                Matrix q = matrices.zeros(rows, cols, precision);
                assertThat(inPlannedSpace(a, q)).isEqualTo(60);
                assertPolar(a, q);
            }
        }
    }

    @Test
    void directionsBelowTheToleranceAreLeftOut() {
        for (Precision precision : Precision.values()) {
            Matrix a = matrices.withValues(80, 60, precision, 4, i -> Math.pow(10, -i / 4.0));
            Matrix q = matrices.zeros(80, 60, precision);
            for (int decades = 1; decades <= 5; decades++) {
                // Between two values, so that rounding decides nothing.
                int kept = 4 * decades;
                assertThat(algebra.polar(a, 1.3 * Math.pow(10, -decades), q)).isEqualTo(kept);
                assertThat(algebra.norm(q)).isEqualTo(Math.sqrt(kept), within(1e-5));
                double nuclear = 0;
                for (int i = 0; i < kept; i++) {
                    nuclear += Math.pow(10, -i / 4.0);
                }
                assertThat(algebra.dot(q, a)).isEqualTo(nuclear, within(1e-5));
            }
            assertThat(algebra.polar(matrices.zeros(80, 60, precision), 0, q)).isZero();
            assertThat(algebra.norm(q)).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({"700, 700", "200, 200", "250, 200", "200, 250", "128, 128", "129, 128", "65, 65", "200, 130", "64, 64", "40, 30", "1, 1"})
    void byBandMatrices(int rows, int cols) {
        int order = Math.min(rows, cols);
        int last = Math.max(1, order - 1);
        for (IntToDoubleFunction spectrum : List.<IntToDoubleFunction>of(
                i -> 70 * Math.pow(1e-4, (double) i / last),
                i -> i < last / 2 ? 1e-10 : 1e-14,
                i -> 1e-37 * Math.pow(0.1, (double) i / last),
                i -> 1,
                i -> i > 0 && i > order - 12 ? 3e20 * Math.pow(10, -5 - (i - order + 12) / 4.0) : 3e20 / (i + 1),
                i -> i > 0 && i > order - 12 ? 0 : 1 / (i + 1.0),
                i -> i > 0 && i > order - 3 ? 2e-7 : 1 / (1.0 + i))) {
            Matrix a = matrices.withValues(rows, cols, Precision.F32, 6, spectrum);
            Matrix q = matrices.zeros(rows, cols, Precision.F32);
            assertThat(byBand(a, -1, q)).isEqualTo(order);
            assertPolar(a, q, 32);
        }
    }

    @Test
    void byBandMatricesDirectionsBelowTheToleranceAreLeftOut() {
        for (int leftOut = 0; leftOut < 5; leftOut++) {
            Matrix a = matrices.withValues(250, 200, Precision.F32, 4, i -> i < 195 ? 1 : 1e-5 * Math.pow(2, 195 - i));
            Matrix q = matrices.zeros(250, 200, Precision.F32);
            assertThat(byBand(a, 1e-5 * Math.pow(2, leftOut - 4.5), q)).isEqualTo(200 - leftOut);
            assertThat(algebra.norm(q)).isEqualTo(Math.sqrt(200 - leftOut), within(1e-5));
            assertThat(algebra.dot(q, a)).isEqualTo(195, within(1e-3));
        }
    }

    @Test
    void bandMatricesLeaveWhatIsFarFromFullRankToEigenvectors() {
        Matrix q = matrices.zeros(320, 300, Precision.F32);
        assertThat(byBand(matrices.withValues(320, 300, Precision.F32, 6, i -> Math.pow(1e-7, i / 99.0)), -1, q)).isNegative();
        assertThat(byBand(matrices.withValues(320, 300, Precision.F32, 6, i -> i < 20 ? 1 : 0), -1, q)).isNegative();
        assertThat(byBand(matrices.withValues(320, 300, Precision.F32, 6, i -> i < 299 ? 1 : 1e-3), 1e-2, q)).isNegative();
        assertThat(byBand(matrices.zeros(320, 300, Precision.F32), -1, q)).isNegative();
    }

    /** A band that is the matrix itself, with nothing on its diagonal: solving with it goes beyond all numbers. */
    @Test
    void bandMatricesLeaveChainsOfZerosToEigenvectors() {
        Matrix a = matrices.zeros(200, 200, Precision.F32);
        for (int i = 0; i + 1 < 200; i++) {
            a.set(i, i + 1, 1);
        }
        Matrix q = matrices.zeros(200, 200, Precision.F32);
        assertThat(byBand(a, -1, q)).isNegative();
        assertThat(algebra.polar(a, 1e-3, q)).isEqualTo(199);
        assertThat(algebra.dot(q, a)).isEqualTo(199, within(1e-4));
    }

    /** Fails if more work space is cut off than was planned. */
    private int byBand(Matrix a, double tolerance, Matrix q) {
        try (Scratch scratch = new Scratch(LIMIT)) {
            scratch.require(BandPolar.bytes(a.rows(), a.cols()));
            return BandPolar.compute(a, tolerance, q, scratch);
        }
    }

    @Test
    void onlyLargeAndNearlySquareMatricesGoByBands() {
        assertThat(BandPolar.pays(4096, 4096)).isTrue();
        assertThat(BandPolar.pays(4096, 5120)).isTrue();
        assertThat(BandPolar.pays(4096, 14336)).isFalse();
        assertThat(BandPolar.pays(1024, 1024)).isFalse();
        assertThat(WorkSpace.polar(4096, 4096, Precision.F32)).isGreaterThanOrEqualTo(BandPolar.bytes(4096, 4096));
    }
}

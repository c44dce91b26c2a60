// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TruncatedSvdTest {
    private final Arena arena = Arena.ofConfined();
    private final Matrices matrices = new Matrices(arena);
    private OpenBlasAlgebra algebra;

    @BeforeEach
    void open() {
        assumeTrue(LinearAlgebra.refusal().isEmpty(), () -> LinearAlgebra.refusal().orElseThrow());
        algebra = (OpenBlasAlgebra) LinearAlgebra.open(1L << 28);
    }

    @AfterEach
    void close() {
        if (algebra != null) {
            algebra.close();
        }
        arena.close();
    }

    @ParameterizedTest
    @CsvSource({"300, 200", "200, 300", "250, 250"})
    void fallingValuesAreFoundInASketch(int rows, int cols) {
        for (Precision precision : Precision.values()) {
            Matrix a = matrices.withValues(rows, cols, precision, 2, i -> Math.pow(0.5, i));
            Svd svd = matrices.factors(a, 6);
            assertThat(algebra.truncatedSvd(a, svd, Sketch.of(7, precision))).isEqualTo(Route.RANDOMISED);
            for (int j = 0; j < 6; j++) {
                assertThat(svd.s().get(j, 0)).isEqualTo(Math.pow(0.5, j), within(40 * precision.roundoff()));
            }
            SvdCheck check = algebra.check(a, svd);
            assertThat(Math.max(check.left(), check.right())).isLessThan(200 * precision.roundoff());
            // What is left out: 2^-6 of the largest value and half of each before it.
            assertThat(check.residual()).isEqualTo(Math.pow(0.5, 6), within(1e-5));
            assertThat(algebra.peak()).isLessThanOrEqualTo(WorkSpace.truncatedSvd(rows, cols, 6, precision));
        }
    }

    @Test
    void flatValuesAreComputedExactly() {
        Matrix a = matrices.random(200, 150, Precision.F32, 1);
        Svd cut = matrices.factors(a, 8);
        assertThat(algebra.truncatedSvd(a, cut, Sketch.of(1, Precision.F32))).isEqualTo(Route.GRAM);
        Svd all = matrices.factors(a);
        algebra.svd(a, all);
        assertThat(Matrices.column(cut.s(), 0))
                .containsExactly(Matrices.column(all.leading(8).s(), 0), within(1e-6 * cut.s().get(0, 0)));
    }

    @Test
    void fewerDirectionsThanWanted() {
        Matrix a = matrices.withValues(200, 160, Precision.F32, 4, i -> i < 3 ? 3 - i : 0);
        Svd svd = matrices.factors(a, 8);
        assertThat(algebra.truncatedSvd(a, svd, Sketch.of(1, Precision.F32))).isEqualTo(Route.RANDOMISED);
        SvdCheck check = algebra.check(a, svd);
        assertThat(Math.max(check.left(), check.right())).isLessThan(1e-5);
        assertThat(check.residual()).isLessThan(1e-6);
        assertThat(svd.s().get(3, 0)).isLessThan(1e-6);
    }

    @Test
    void ofZeros() {
        Matrix a = matrices.zeros(100, 120, Precision.F64);
        Svd svd = matrices.factors(a, 5);
        algebra.truncatedSvd(a, svd, Sketch.of(1, Precision.F64));
        assertThat(algebra.norm(svd.s())).isZero();
        assertThat(algebra.orthogonality(svd.u())).isLessThan(1e-13);
        assertThat(algebra.orthogonality(svd.v())).isLessThan(1e-13);
    }

    @Test
    void theSeedDecidesEveryBit() {
        Matrix a = matrices.withValues(120, 150, Precision.F32, 2, i -> 1.0 / (1 << Math.min(i, 20)));
        Svd first = matrices.factors(a, 5);
        Svd second = matrices.factors(a, 5);
        Svd other = matrices.factors(a, 5);
        algebra.truncatedSvd(a, first, Sketch.of(3, Precision.F32));
        algebra.truncatedSvd(a, second, Sketch.of(3, Precision.F32));
        algebra.truncatedSvd(a, other, Sketch.of(4, Precision.F32));
        assertThat(Matrices.rows(second.u())).isDeepEqualTo(Matrices.rows(first.u()));
        assertThat(Matrices.column(other.u(), 4)).isNotEqualTo(Matrices.column(first.u(), 4));
    }

    @Test
    void needsAsManyVectorsAsValues() {
        Matrix a = matrices.random(20, 20, Precision.F32, 1);
        Svd all = matrices.factors(a);
        Svd uneven = new Svd(all.u().columns(3), all.s(), all.v().columns(3));
        assertThatThrownBy(() -> algebra.truncatedSvd(a, uneven, Sketch.of(1, Precision.F32)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}

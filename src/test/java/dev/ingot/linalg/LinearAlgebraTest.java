// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LinearAlgebraTest {
    private final Arena arena = Arena.ofConfined();
    private final Matrices matrices = new Matrices(arena);
    private LinearAlgebra algebra;

    @BeforeEach
    void open() {
        assumeTrue(LinearAlgebra.refusal().isEmpty(), () -> LinearAlgebra.refusal().orElseThrow());
        algebra = LinearAlgebra.open(1L << 28);
    }

    @AfterEach
    void close() {
        if (algebra != null) {
            algebra.close();
        }
        arena.close();
    }

    @Test
    void productsOfPartsAndTransposes() {
        for (Precision precision : Precision.values()) {
            Matrix a = matrices.random(20, 30, precision, 1).block(3, 4, 10, 12);
            Matrix b = matrices.random(12, 7, precision, 2);
            Matrix c = matrices.zeros(7, 10, precision);
            algebra.gemm(2, b, true, a, true, 0, c);
            for (int i = 0; i < 7; i++) {
                for (int j = 0; j < 10; j++) {
                    double sum = 0;
                    for (int k = 0; k < 12; k++) {
                        sum += 2 * b.get(k, i) * a.get(j, k);
                    }
                    assertThat(c.get(i, j)).isEqualTo(sum, within(1e-4));
                }
            }
            assertThatThrownBy(() -> algebra.gemm(1, a, false, b, true, 0, c)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void gramMatricesAreSummedInFloat64() {
        // In float32, adding 1 to 2^24 changes nothing.
        Matrix a = matrices.zeros(1001, 2, Precision.F32);
        a.set(0, 0, 4096);
        a.set(0, 1, 1);
        for (int i = 1; i < 1001; i++) {
            a.set(i, 0, 1);
        }
        Matrix square = matrices.zeros(2, 2, Precision.F64);
        algebra.gram(a, false, square);
        assertThat(square.get(0, 0)).isEqualTo((1 << 24) + 1000.0);
        assertThat(square.get(0, 1)).isEqualTo(4096.0).isEqualTo(square.get(1, 0));
        Matrix outer = matrices.zeros(1001, 1001, Precision.F64);
        algebra.gram(a, true, outer);
        assertThat(outer.get(0, 5)).isEqualTo(4096.0);
        assertThat(outer.get(5, 0)).isEqualTo(4096.0);
        assertThat(algebra.norm(a)).isEqualTo(Math.sqrt((1 << 24) + 1001.0));
    }

    @Test
    void eigenvectorsOfASymmetricMatrix() {
        for (Precision precision : Precision.values()) {
            Matrix x = matrices.random(60, 40, precision, 1);
            Matrix a = matrices.zeros(40, 40, precision);
            algebra.gemm(1, x, true, x, false, 0, a);
            Matrix vectors = matrices.zeros(40, 40, precision);
            algebra.gemm(1, x, true, x, false, 0, vectors);
            Matrix values = matrices.zeros(40, 1, precision);
            algebra.eigh(vectors, values);
            assertThat(algebra.orthogonality(vectors)).isLessThan(500 * precision.roundoff());
            // The check does not mind that the values ascend.
            Svd svd = new Svd(vectors, values, vectors);
            assertThat(algebra.check(a, svd).residual()).isLessThan(100 * precision.roundoff());
        }
    }

    @Test
    void qrOfAnyRank() {
        for (Precision precision : Precision.values()) {
            for (Matrix a : List.of(
                    matrices.random(50, 20, precision, 1),
                    matrices.withValues(50, 20, precision, 1, i -> i < 4 ? 1 : 0),
                    matrices.zeros(30, 30, precision),
                    matrices.random(5, 1, precision, 1))) {
                Matrix q = matrices.zeros(a.rows(), a.cols(), precision);
                Blas.copy(a, q);
                Matrix r = matrices.zeros(a.cols(), a.cols(), precision);
                algebra.qr(q, r);
                assertThat(algebra.orthogonality(q)).isLessThan(200 * precision.roundoff());
                Matrix rest = matrices.zeros(a.rows(), a.cols(), precision);
                Blas.copy(a, rest);
                algebra.gemm(-1, q, false, r, false, 1, rest);
                assertThat(algebra.norm(rest)).isLessThan(100 * precision.roundoff() * Math.max(1, algebra.norm(a)));
                assertThat(r.rows() == 1 ? 0 : r.get(1, 0)).isZero();
            }
        }
    }

    @Test
    void polarFactorIsTheNearestOrthogonalMatrix() {
        for (Precision precision : Precision.values()) {
            for (Matrix a : List.of(
                    matrices.random(60, 20, precision, 1),
                    matrices.random(20, 60, precision, 1),
                    matrices.withValues(40, 40, precision, 1, i -> Math.pow(10, -i / 8.0)))) {
                Matrix q = matrices.zeros(a.rows(), a.cols(), precision);
                assertThat(algebra.polar(a, -1, q)).isEqualTo(a.smaller());
                Matrix small = matrices.zeros(a.smaller(), a.smaller(), precision);
                algebra.gemm(1, q, a.rows() >= a.cols(), q, a.rows() < a.cols(), 0, small);
                for (int i = 0; i < a.smaller(); i++) {
                    small.set(i, i, small.get(i, i) - 1);
                }
                assertThat(algebra.norm(small)).isLessThan(200 * precision.roundoff());
                // q^T a is symmetric and has no negative eigenvalue: its trace is the sum of the singular values.
                Svd svd = matrices.factors(a);
                algebra.svd(a, svd);
                double nuclear = 0;
                for (int i = 0; i < a.smaller(); i++) {
                    nuclear += svd.s().get(i, 0);
                }
                assertThat(algebra.dot(q, a)).isEqualTo(nuclear, within(1e-5 * nuclear));
            }
        }
    }

    @Test
    void polarFactorOfPartOfTheSpace() {
        Matrix a = matrices.withValues(30, 50, Precision.F32, 1, i -> i < 7 ? 2 : 0);
        Matrix q = matrices.zeros(30, 50, Precision.F32);
        assertThat(algebra.polar(a, 1e-5, q)).isEqualTo(7);
        assertThat(algebra.norm(q)).isEqualTo(Math.sqrt(7), within(1e-5));
        Matrix zeros = matrices.zeros(30, 50, Precision.F32);
        assertThat(algebra.polar(zeros, 0, q)).isZero();
        assertThat(algebra.norm(q)).isZero();
    }

    @Test
    void emptyMatrices() {
        Matrix a = matrices.zeros(0, 5, Precision.F32);
        algebra.svd(a, matrices.factors(a));
        assertThat(algebra.norm(a)).isZero();
        assertThat(algebra.polar(a, 0, matrices.zeros(0, 5, Precision.F32))).isZero();
    }

    @Test
    void matricesMustFitTheirMemory() {
        MemorySegment memory = arena.allocate(4 * 12);
        assertThat(new Matrix(memory, 2, 3, 5, Precision.F32).get(1, 2)).isZero();
        assertThatThrownBy(() -> Matrix.of(memory, 4, 4, Precision.F32)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Matrix(memory, 3, 2, 2, Precision.F32)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Matrix.of(MemorySegment.ofArray(new float[4]), 2, 2, Precision.F32))
                .isInstanceOf(IllegalArgumentException.class);
    }
}

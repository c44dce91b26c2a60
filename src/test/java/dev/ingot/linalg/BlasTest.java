// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Passes over whole matrices, beside plain loops in float64. */
class BlasTest {
    /** Rows, columns, and rows that the memory has below. */
    record Shape(int rows, int cols, int below, Precision precision) {}

    private final Arena arena = Arena.ofConfined();
    private final Matrices matrices = new Matrices(arena);

    static Stream<Shape> shapes() {
        return List.of(new int[] {1, 1}, new int[] {3, 5000}, new int[] {2048, 3}, new int[] {5001, 7}, new int[] {130, 130},
                        new int[] {64, 64}, new int[] {40000, 2}, new int[] {0, 4}, new int[] {4, 0})
                .stream()
                .flatMap(size -> Stream.of(0, 3).flatMap(below -> Stream.of(Precision.values())
                        .map(precision -> new Shape(size[0], size[1], below, precision))));
    }

    @BeforeEach
    void require() {
        assumeTrue(LinearAlgebra.refusal().isEmpty(), () -> LinearAlgebra.refusal().orElseThrow());
    }

    @AfterEach
    void close() {
        arena.close();
    }

    /** Random numbers, with NaN in the memory between columns. */
    private Matrix random(Shape shape, Precision precision, long seed) {
        Matrix memory = matrices.zeros(shape.rows() + shape.below(), shape.cols(), precision);
        for (int j = 0; j < memory.cols(); j++) {
            for (int i = 0; i < memory.rows(); i++) {
                memory.set(i, j, Double.NaN);
            }
        }
        Matrix a = memory.block(0, 0, shape.rows(), shape.cols());
        Matrix values = matrices.random(shape.rows(), shape.cols(), precision, seed);
        for (int j = 0; j < a.cols(); j++) {
            for (int i = 0; i < a.rows(); i++) {
                a.set(i, j, values.get(i, j));
            }
        }
        return a;
    }

    private static double rounded(double value, Precision precision) {
        return precision == Precision.F32 ? (float) value : value;
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void sumsAreOfFloat64(Shape shape) {
        Matrix a = random(shape, shape.precision(), 1);
        Matrix b = random(new Shape(shape.rows(), shape.cols(), 0, shape.precision()), shape.precision(), 2);
        double sum = 0;
        double squares = 0;
        double largest = 0;
        for (int j = 0; j < a.cols(); j++) {
            for (int i = 0; i < a.rows(); i++) {
                sum += a.get(i, j) * b.get(i, j);
                squares += a.get(i, j) * a.get(i, j);
                largest = Math.max(largest, Math.abs(a.get(i, j)));
            }
        }
        assertThat(Blas.dot(a, b)).isEqualTo(sum, within(1e-13 * squares));
        assertThat(Blas.dot(a, b)).isEqualTo(Blas.dot(a, b));
        assertThat(Blas.dot(a, a)).isEqualTo(squares, within(1e-13 * squares));
        assertThat(Blas.largest(a)).isEqualTo(largest);
        assertThat(Blas.isFinite(a)).isTrue();
    }

    @Test
    void productsOfFloat32AreNotRounded() {
        // The product of both has 48 bits, and the sum is that of the last 24 of them.
        Matrix a = matrices.zeros(1, 2, Precision.F32);
        Matrix b = matrices.zeros(1, 2, Precision.F32);
        a.set(0, 0, 1 + 0x1p-23);
        b.set(0, 0, 1 + 0x1p-23);
        a.set(0, 1, -1 - 0x1p-22);
        b.set(0, 1, 1);
        assertThat(Blas.dot(a, b)).isEqualTo(0x1p-46);
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void copiesConvertAndMultiply(Shape shape) {
        for (Precision target : Precision.values()) {
            for (double factor : new double[] {1, -1, 0.5, 1 / 3.0, 0}) {
                Matrix a = random(shape, shape.precision(), 1);
                Matrix copy = random(shape, target, 2);
                Matrix whole = random(shape, target, 3);
                Blas.copy(a, whole);
                for (int j = 0; j < a.cols(); j++) {
                    Blas.copyColumn(a, j, copy, j, factor);
                }
                Matrix inPlace = random(shape, shape.precision(), 1);
                for (int j = 0; j < a.cols(); j++) {
                    Blas.scaleColumn(inPlace, j, factor);
                }
                for (int j = 0; j < a.cols(); j++) {
                    for (int i = 0; i < a.rows(); i++) {
                        double value = factor * a.get(i, j);
                        assertSame(whole.get(i, j), rounded(a.get(i, j), target));
                        assertSame(copy.get(i, j), rounded(value, target));
                        assertSame(inPlace.get(i, j), rounded(value, shape.precision()));
                    }
                }
            }
        }
    }

    /** Without the library's overhead, which is too much for every element. */
    private static void assertSame(double actual, double expected) {
        if (actual != expected && !(Double.isNaN(actual) && Double.isNaN(expected))) {
            assertThat(actual).isEqualTo(expected);
        }
    }

    @Test
    void whatIsNoNumberOrTooLargeStaysSo() {
        for (Precision from : Precision.values()) {
            for (Precision to : Precision.values()) {
                for (double factor : new double[] {1, 2, 0}) {
                    Matrix a = matrices.random(3000, 2, from, 1);
                    a.set(2999, 0, Double.NaN);
                    a.set(7, 1, Double.NEGATIVE_INFINITY);
                    a.set(8, 1, 1e300);
                    Matrix b = matrices.zeros(3000, 2, to);
                    for (int j = 0; j < 2; j++) {
                        Blas.copyColumn(a, j, b, j, factor);
                        for (int i = 0; i < 3000; i++) {
                            assertSame(b.get(i, j), rounded(factor * a.get(i, j), to));
                        }
                    }
                }
            }
        }
    }

    @Test
    void finiteIsWhatHasNeitherNanNorInfinity() {
        for (Precision precision : Precision.values()) {
            double huge = precision == Precision.F32 ? 3e38 : 1e308;
            for (int place : new int[] {0, 1234, 5000}) {
                Matrix a = matrices.random(5001, 3, precision, 1);
                a.set(place, 1, huge);
                a.set(place, 2, -huge);
                assertThat(Blas.isFinite(a)).isTrue();
                assertThat(Blas.largest(a)).isEqualTo(rounded(huge, precision));
                a.set(place, 1, Double.NEGATIVE_INFINITY);
                assertThat(Blas.isFinite(a)).isFalse();
                assertThat(Blas.largest(a)).isEqualTo(Double.POSITIVE_INFINITY);
                a.set(place, 0, Double.NaN);
                assertThat(Blas.isFinite(a)).isFalse();
                assertThat(Blas.largest(a)).isNaN();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void transposesAndMirrors(Shape shape) {
        Matrix a = random(shape, shape.precision(), 1);
        Matrix turned = matrices.zeros(shape.cols(), shape.rows(), shape.precision());
        Blas.transpose(a, turned);
        for (int j = 0; j < a.cols(); j++) {
            for (int i = 0; i < a.rows(); i++) {
                assertSame(turned.get(j, i), a.get(i, j));
            }
        }
        int order = Math.min(200, a.smaller());
        Matrix square = a.block(0, 0, order, order);
        for (int j = 1; j < order; j++) {
            square.set(0, j, Double.NaN);
        }
        double[][] before = Matrices.rows(square);
        GramMatrix.mirror(square);
        for (int j = 0; j < order; j++) {
            for (int i = 0; i < order; i++) {
                assertSame(square.get(i, j), before[Math.max(i, j)][Math.min(i, j)]);
            }
        }
    }

    @Test
    void columnsInOppositeOrder() {
        for (int cols = 0; cols < 4; cols++) {
            Matrix a = matrices.random(5, 3, Precision.F64, 1);
            double[][] before = Matrices.rows(a);
            Blas.reverseColumns(a.columns(Math.min(cols, 3)));
            for (int j = 0; j < 3; j++) {
                assertThat(a.get(4, j)).isEqualTo(before[4][j < cols ? cols - 1 - j : j]);
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ingot.kernel.Kernels;
import dev.ingot.kernel.TestGpus;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The same operations on a GPU and on the host: the same numbers up to rounding, and the same quality. */
class CudaAlgebraTest {
    private static final long LIMIT = 1L << 28;
    private static final long LANE_MEMORY = 192L << 10;

    private final Arena arena = Arena.ofConfined();
    private final Matrices matrices = new Matrices(arena);
    private Kernels kernels;
    private LinearAlgebra host;
    private LinearAlgebra algebra;

    @BeforeEach
    void open() {
        assumeTrue(LinearAlgebra.refusal().isEmpty(), () -> LinearAlgebra.refusal().orElseThrow());
        assumeTrue(DeviceEngine.refusal().isEmpty(), () -> DeviceEngine.refusal().orElseThrow());
        TestGpus gpus = TestGpus.find().orElseGet(() -> Assumptions.abort(TestGpus.reason()));
        kernels = gpus.withMatrices(LANE_MEMORY).open();
        host = LinearAlgebra.open(LIMIT);
        algebra = LinearAlgebra.open(LIMIT, kernels);
        assertThat(algebra).isInstanceOf(CudaAlgebra.class);
    }

    @AfterEach
    void close() {
        if (algebra != null) {
            // As a worker's lane does.
            kernels.close();
            algebra.close();
            host.close();
        }
        arena.close();
    }

    /** A matrix with a name. */
    record Case(String name, Shape shape) {
        /** Makes the matrix. */
        interface Shape {
            Matrix make(Matrices matrices);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        return Stream.of(
                new Case("tall", m -> m.random(300, 40, Precision.F32, 1)),
                new Case("wide", m -> m.random(40, 300, Precision.F32, 2)),
                new Case("square", m -> m.random(129, 129, Precision.F32, 3)),
                new Case("rank 7", m -> m.withValues(90, 60, Precision.F32, 4, i -> i < 7 ? 2 : 0)),
                new Case("rank 7, wide", m -> m.withValues(60, 90, Precision.F32, 4, i -> i < 7 ? 2 : 0)),
                new Case("falling", m -> m.withValues(80, 60, Precision.F32, 5, i -> Math.pow(1e-8, i / 59.0))),
                new Case("zero", m -> m.zeros(50, 30, Precision.F32)),
                new Case("row", m -> m.random(1, 100, Precision.F32, 6)),
                new Case("column", m -> m.random(100, 1, Precision.F32, 7)),
                new Case("number", m -> m.random(1, 1, Precision.F32, 8)),
                new Case("large numbers", m -> m.withValues(60, 60, Precision.F32, 9, i -> 1e15 / (1 + i))),
                new Case("falling, square", m -> m.withValues(70, 70, Precision.F32, 11, i -> Math.pow(1e-4, i / 69.0))),
                new Case("below a tolerance", m -> m.withValues(60, 50, Precision.F32, 12, i -> i < 45 ? 1 : 1.5e-3)),
                new Case("equal", m -> m.withValues(50, 64, Precision.F32, 13, i -> 3e-12)),
                new Case("part of another", m -> m.random(70, 90, Precision.F32, 10).block(5, 3, 50, 80)));
    }

    private void assertGood(Matrix a, Svd svd) {
        SvdCheck check = host.check(a, svd);
        double tolerance = 8 * Precision.F32.roundoff() * Math.sqrt(a.smaller()) + 1e-7;
        assertThat(check.left()).as("u").isLessThan(3 * tolerance);
        assertThat(check.right()).as("v").isLessThan(3 * tolerance);
        assertThat(check.residual()).as("residual").isLessThan(tolerance);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void decompositions(Case tested) {
        Matrix a = tested.shape().make(matrices);
        Svd expected = matrices.factors(a);
        Svd found = matrices.factors(a);
        host.svd(a, expected);
        assertThat(algebra.svd(a, found)).isEqualTo(Route.GRAM);
        assertGood(a, found);
        assertClose(found.s(), expected.s());
        Svd values = new Svd(matrices.zeros(a.rows(), 0, Precision.F32), matrices.zeros(a.smaller(), 1, Precision.F32),
                matrices.zeros(a.cols(), 0, Precision.F32));
        algebra.svd(a, values);
        assertClose(values.s(), expected.s());
        if (a.smaller() > 3) {
            Svd some = new Svd(matrices.zeros(a.rows(), 2, Precision.F32), matrices.zeros(4, 1, Precision.F32),
                    matrices.zeros(a.cols(), 0, Precision.F32));
            algebra.svd(a, some);
            assertClose(some.s(), expected.s().block(0, 0, 4, 1));
            assertThat(host.orthogonality(some.u())).isLessThan(1e-5);
        }
    }

    private static void assertClose(Matrix found, Matrix expected) {
        double largest = expected.get(0, 0);
        assertThat(Matrices.column(found, 0))
                .containsExactly(Matrices.column(expected, 0), within(4 * Precision.F32.roundoff() * largest));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void polarFactors(Case tested) {
        Matrix a = tested.shape().make(matrices);
        for (double tolerance : new double[] {-1, 1e-3}) {
            Matrix expected = matrices.zeros(a.rows(), a.cols(), Precision.F32);
            Matrix found = matrices.zeros(a.rows(), a.cols(), Precision.F32);
            int rank = host.polar(a, tolerance, expected);
            assertThat(algebra.polar(a, tolerance, found)).isEqualTo(rank);
            assertThat(host.norm(found)).isEqualTo(Math.sqrt(rank), within(1e-5));
            assertThat(orthogonality(found, rank)).isLessThan(1e-5);
            double nuclear = host.dot(expected, a);
            assertThat(host.dot(found, a)).isEqualTo(nuclear, within(1e-5 * nuclear));
            if (tolerance >= 0) {
                // What was left out leaves no choice.
                Matrix rest = matrices.zeros(a.rows(), a.cols(), Precision.F32);
                host.copy(expected, rest);
                for (int j = 0; j < a.cols(); j++) {
                    for (int i = 0; i < a.rows(); i++) {
                        rest.set(i, j, rest.get(i, j) - found.get(i, j));
                    }
                }
                assertThat(host.norm(rest)).isLessThan(1e-3);
            }
        }
    }

    /** Of a partial isometry: its Gram matrix is a projection, whose square is itself. */
    private double orthogonality(Matrix q, int rank) {
        int order = q.smaller();
        Matrix square = matrices.zeros(order, order, Precision.F64);
        host.gram(q, q.rows() < q.cols(), square);
        Matrix rest = matrices.zeros(order, order, Precision.F64);
        host.copy(square, rest);
        host.gemm(1, square, false, square, false, -1, rest);
        double trace = 0;
        for (int i = 0; i < order; i++) {
            trace += square.get(i, i);
        }
        return host.norm(rest) + Math.abs(trace - rank);
    }

    @Test
    void truncatedDecompositions() {
        Matrix falling = matrices.withValues(200, 160, Precision.F32, 11, i -> Math.pow(0.5, i));
        for (Matrix a : List.of(falling, transposed(falling), matrices.zeros(120, 130, Precision.F32))) {
            Svd found = matrices.factors(a, 6);
            Svd expected = matrices.factors(a, 6);
            Sketch sketch = Sketch.of(5, Precision.F32);
            assertThat(algebra.truncatedSvd(a, found, sketch)).isEqualTo(Route.RANDOMISED);
            assertThat(host.truncatedSvd(a, expected, sketch)).isEqualTo(Route.RANDOMISED);
            assertClose(found.s(), expected.s());
            assertThat(host.orthogonality(found.u())).isLessThan(1e-5);
            assertThat(host.orthogonality(found.v())).isLessThan(1e-5);
        }
        Matrix flat = matrices.random(120, 100, Precision.F32, 12);
        Svd found = matrices.factors(flat, 6);
        assertThat(algebra.truncatedSvd(flat, found, Sketch.of(5, Precision.F32))).isEqualTo(Route.GRAM);
        Svd expected = matrices.factors(flat, 6);
        host.svd(flat, expected);
        assertClose(found.s(), expected.s());
    }

    private Matrix transposed(Matrix a) {
        Matrix other = matrices.zeros(a.cols(), a.rows(), a.precision());
        Blas.transpose(a, other);
        return other;
    }

    @Test
    void products() {
        for (Precision precision : Precision.values()) {
            Matrix a = matrices.random(90, 60, precision, 1).block(3, 4, 50, 40);
            Matrix b = matrices.random(30, 50, precision, 2);
            Matrix expected = matrices.random(40, 30, precision, 3);
            Matrix found = matrices.zeros(45, 30, precision).block(5, 0, 40, 30);
            host.copy(expected, found);
            host.gemm(-2, a, true, b, true, 0.5, expected);
            algebra.gemm(-2, a, true, b, true, 0.5, found);
            assertSame(found, expected, 1e3 * precision.roundoff());
            Matrix product = matrices.zeros(50, 50, precision);
            product.set(1, 1, Double.NaN);
            algebra.gemm(1, a, false, a, true, 0, product);
            Matrix again = matrices.zeros(50, 50, precision);
            host.gemm(1, a, false, a, true, 0, again);
            assertSame(product, again, 1e3 * precision.roundoff());
            for (boolean ofRows : new boolean[] {false, true}) {
                int order = ofRows ? 50 : 40;
                Matrix square = matrices.zeros(order, order, Precision.F64);
                Matrix squareOfHost = matrices.zeros(order, order, Precision.F64);
                algebra.gram(a, ofRows, square);
                host.gram(a, ofRows, squareOfHost);
                assertSame(square, squareOfHost, 1e-12);
            }
            assertThatThrownBy(() -> algebra.gemm(1, a, false, b, false, 0, found)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void whatIsHeldIsFetchedOnce() {
        Matrix a = matrices.random(50, 40, Precision.F32, 1);
        Matrix b = matrices.random(40, 30, Precision.F32, 2);
        Matrix expected = matrices.zeros(50, 30, Precision.F32);
        Matrix found = matrices.zeros(50, 30, Precision.F32);
        host.gemm(1, a, false, b, false, 0, expected);
        try (LinearAlgebra.Held _ = algebra.hold(a)) {
            algebra.gemm(1, a, false, b, false, 0, found);
            assertSame(found, expected, 1e-4);
            // Against the promise, which shows that the first copy is used.
            a.set(0, 0, 1000);
            algebra.gemm(1, a, false, b, false, 0, found);
            assertSame(found, expected, 1e-4);
        }
        algebra.gemm(1, a, false, b, false, 0, found);
        host.gemm(1, a, false, b, false, 0, expected);
        assertSame(found, expected, 1e-2);
        // Given back with the algebra at the latest.
        LinearAlgebra.Held late = algebra.hold(b);
        algebra.gemm(1, a, false, b, false, 0, found);
        algebra.close();
        late.close();
        algebra = LinearAlgebra.open(LIMIT, kernels);
    }

    private static void assertSame(Matrix found, Matrix expected, double tolerance) {
        for (int j = 0; j < expected.cols(); j++) {
            assertThat(Matrices.column(found.block(0, j, found.rows(), 1), 0))
                    .containsExactly(Matrices.column(expected.block(0, j, expected.rows(), 1), 0), within(tolerance));
        }
    }

    @Test
    void eigenvectorsAndReflections() {
        for (Precision precision : Precision.values()) {
            Matrix x = matrices.random(60, 40, precision, 1);
            Matrix a = matrices.zeros(40, 40, precision);
            host.gemm(1, x, true, x, false, 0, a);
            Matrix vectors = matrices.zeros(40, 40, precision);
            host.copy(a, vectors);
            // Only the lower triangle is read.
            vectors.set(0, 39, 1e6);
            Matrix values = matrices.zeros(40, 1, precision);
            algebra.eigh(vectors, values);
            assertThat(host.orthogonality(vectors)).isLessThan(500 * precision.roundoff());
            assertThat(host.check(a, new Svd(vectors, values, vectors)).residual()).isLessThan(100 * precision.roundoff());
            for (Matrix tall : List.of(x, matrices.zeros(30, 30, precision), matrices.random(5, 1, precision, 1))) {
                Matrix q = matrices.zeros(tall.rows(), tall.cols(), precision);
                Matrix r = matrices.random(tall.cols(), tall.cols(), precision, 2);
                host.copy(tall, q);
                algebra.qr(q, r);
                assertThat(host.orthogonality(q)).isLessThan(200 * precision.roundoff());
                Matrix product = matrices.zeros(tall.rows(), tall.cols(), precision);
                host.gemm(1, q, false, r, false, 0, product);
                assertSame(product, tall, 1e3 * precision.roundoff());
                assertThat(r.rows() == 1 ? 0 : r.get(r.rows() - 1, 0)).isZero();
                host.copy(tall, q);
                algebra.qr(q, matrices.zeros(tall.cols(), 0, precision));
                assertThat(host.orthogonality(q)).isLessThan(200 * precision.roundoff());
            }
        }
    }

    @Test
    void whatIsNoNumberIsRefused() {
        Matrix a = matrices.random(40, 30, Precision.F32, 1);
        a.set(39, 29, Double.NaN);
        Matrix square = a.block(10, 0, 30, 30);
        for (Runnable operation : List.<Runnable>of(
                () -> algebra.svd(a, matrices.factors(a)),
                () -> algebra.truncatedSvd(a, matrices.factors(a, 2), Sketch.of(1, Precision.F32)),
                () -> algebra.polar(a, -1, matrices.zeros(40, 30, Precision.F32)),
                () -> algebra.qr(a, matrices.zeros(30, 0, Precision.F32)),
                () -> algebra.eigh(square, matrices.zeros(30, 1, Precision.F32)))) {
            assertThatThrownBy(operation::run)
                    .isInstanceOf(FactorisationException.class)
                    .hasMessage("holds NaN or infinite values and has no factors");
        }
    }

    @Test
    void nothingToDo() {
        Matrix a = matrices.zeros(0, 5, Precision.F32);
        algebra.svd(a, matrices.factors(a));
        assertThat(algebra.polar(a, 0, matrices.zeros(0, 5, Precision.F32))).isZero();
        Matrix c = matrices.random(3, 4, Precision.F32, 1);
        algebra.gemm(1, matrices.zeros(3, 0, Precision.F32), false, matrices.zeros(0, 4, Precision.F32), false, 0, c);
        assertThat(host.norm(c)).isZero();
    }

    @Test
    void doubleMatricesKeepTheirOwnDecompositions() {
        Matrix a = matrices.random(40, 30, Precision.F64, 1);
        Svd found = matrices.factors(a);
        assertThat(algebra.svd(a, found)).isEqualTo(Route.DIRECT);
        assertThat(host.check(a, found).residual()).isLessThan(1e-14);
    }

    @Test
    void theWayToTheGpuMustPay() {
        assertThat(DeviceCost.gemm(64, 64, 64, true, true, false, Precision.F32).pays()).isFalse();
        assertThat(DeviceCost.gemm(2048, 2048, 2048, true, true, false, Precision.F32).pays()).isTrue();
        assertThat(DeviceCost.gemm(1, 8192, 8192, true, true, false, Precision.F32).pays()).as("a vector").isFalse();
        assertThat(DeviceCost.gemm(4096, 8, 4096, true, true, false, Precision.F32).pays()).isFalse();
        assertThat(DeviceCost.gemm(4096, 8, 4096, false, true, false, Precision.F32).pays()).as("with what is there").isTrue();
        assertThat(DeviceCost.eigen(128, Precision.F64).pays()).isFalse();
        assertThat(DeviceCost.eigen(2048, Precision.F64).pays()).isTrue();
        Matrix small = matrices.zeros(100, 80, Precision.F32);
        assertThat(DeviceCost.svd(small, 80).pays() || DeviceCost.polar(small).pays()).isFalse();
        Matrix large = matrices.zeros(2048, 4096, Precision.F32);
        assertThat(DeviceCost.svd(large, 0).pays() && DeviceCost.svd(large, 2048).pays()).isTrue();
        assertThat(DeviceCost.polar(large).pays() && DeviceCost.qr(large).pays()).isTrue();
        assertThat(DeviceCost.sketch(large, 80).pays()).isTrue();
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ingot.error.ResourceException;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SvdTest {
    private static final long LIMIT = 1L << 28;

    private final Arena arena = Arena.ofConfined();
    private final Matrices matrices = new Matrices(arena);
    private OpenBlasAlgebra algebra;

    @BeforeEach
    void open() {
        assumeTrue(LinearAlgebra.refusal().isEmpty(), () -> LinearAlgebra.refusal().orElseThrow());
        algebra = (OpenBlasAlgebra) LinearAlgebra.open(LIMIT);
    }

    @AfterEach
    void close() {
        if (algebra != null) {
            algebra.close();
        }
        arena.close();
    }

    /** Roundings of the elements, in Frobenius norm, that a decomposition may be off. */
    private static double tolerance(Precision precision, int order) {
        return 8 * precision.roundoff() * Math.sqrt(order) + (precision == Precision.F32 ? 1e-7 : 1e-14);
    }

    private void assertGood(Matrix a, Svd svd) {
        SvdCheck check = algebra.check(a, svd);
        double tolerance = tolerance(a.precision(), a.smaller());
        assertThat(check.left()).as("u").isLessThan(3 * tolerance);
        assertThat(check.right()).as("v").isLessThan(3 * tolerance);
        assertThat(check.residual()).as("residual").isLessThan(tolerance);
        for (int j = 1; j < svd.s().rows(); j++) {
            assertThat(svd.s().get(j, 0)).isBetween(0.0, svd.s().get(j - 1, 0));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1", "1, 7", "7, 1", "2, 2", "3, 5", "30, 30", "31, 30", "64, 63", "300, 40", "40, 300", "300, 299", "257, 256",
        "513, 9"
    })
    void agreesWithJacobiRotations(int rows, int cols) {
        for (Precision precision : Precision.values()) {
            Matrix a = matrices.random(rows, cols, precision, rows * 1000L + cols);
            Svd svd = matrices.factors(a);
            algebra.svd(a, svd);
            assertGood(a, svd);
            double[] expected = JacobiSvd.values(Matrices.rows(a));
            // Through the Gram matrix in float64 what is left is the rounding of the result; LAPACK's own errors grow with the order.
            double roundings = precision == Precision.F32 ? 2 : 50 + 2 * a.smaller();
            assertThat(Matrices.column(svd.s(), 0))
                    .containsExactly(expected, within(roundings * precision.roundoff() * expected[0]));
        }
    }

    @ParameterizedTest
    @CsvSource({"80, 80, 10", "60, 240, 60", "240, 60, 60", "100, 20, 0", "20, 100, 3", "1, 9, 0", "9, 1, 0"})
    void ofAnyRankHasOrthogonalVectors(int rows, int cols, int rank) {
        IntToDoubleFunction value = i -> i < rank ? Math.pow(10, -7.0 * i / rank) : 0;
        for (Precision precision : Precision.values()) {
            Matrix a = matrices.withValues(rows, cols, precision, 5, value);
            Svd svd = matrices.factors(a);
            algebra.svd(a, svd);
            assertGood(a, svd);
            for (int j = 0; j < svd.s().rows(); j++) {
                assertThat(svd.s().get(j, 0)).isEqualTo(value.applyAsDouble(j), within(16 * precision.roundoff()));
            }
        }
    }

    @Test
    void valuesThatSpanAllOfTheRangeOfFloats() {
        Matrix a = matrices.withValues(50, 200, Precision.F32, 3, i -> 1e30 * Math.pow(10, -i / 5.0));
        Svd svd = matrices.factors(a);
        algebra.svd(a, svd);
        assertGood(a, svd);
        assertThat(svd.s().get(0, 0)).isEqualTo(1e30, within(1e24));
        Matrix small = matrices.withValues(50, 50, Precision.F32, 3, i -> 1e-30 / (1 + i));
        algebra.svd(small, matrices.factors(small));
        assertThat(algebra.norm(small)).isBetween(1e-30, 2e-30);
    }

    @Test
    void oneSideOrValuesAlone() {
        for (Precision precision : Precision.values()) {
            for (Matrix a : List.of(matrices.random(90, 30, precision, 1), matrices.random(30, 90, precision, 2))) {
                Svd all = matrices.factors(a);
                algebra.svd(a, all);
                Matrix s = matrices.zeros(30, 1, precision);
                algebra.svd(a, new Svd(all.u().columns(0), s, all.v().columns(0)));
                assertThat(Matrices.column(s, 0))
                        .containsExactly(Matrices.column(all.s(), 0), within(1e-6 * s.get(0, 0)));
                Matrix u = matrices.zeros(a.rows(), 4, precision);
                algebra.svd(a, new Svd(u, s, all.v().columns(0)));
                Matrix overlap = matrices.zeros(4, 4, precision);
                algebra.gemm(1, u, true, all.u().columns(4), false, 0, overlap);
                assertThat(algebra.norm(overlap)).isEqualTo(2, within(1e-5));
                Matrix v = matrices.zeros(a.cols(), 4, precision);
                algebra.svd(a, new Svd(all.u().columns(0), s, v));
                algebra.gemm(1, v, true, all.v().columns(4), false, 0, overlap);
                assertThat(algebra.norm(overlap)).isEqualTo(2, within(1e-5));
            }
        }
    }

    @Test
    void valuesOfALargeMatrixGoThroughABand() {
        int order = 3072;
        Matrix a = matrices.zeros(order, order, Precision.F32);
        double[] direction = Matrices.column(matrices.random(order, 1, Precision.F64, 2), 0);
        double squares = Arrays.stream(direction).map(x -> x * x).sum();
        // A diagonal times a reflection: its values are the diagonal's, and its Gram matrix is dense.
        for (int j = 0; j < order; j++) {
            for (int i = 0; i < order; i++) {
                a.set(i, j, (order - i) * ((i == j ? 1 : 0) - 2 * direction[i] * direction[j] / squares));
            }
        }
        Svd svd = matrices.factors(a);
        algebra.svd(a, new Svd(svd.u().columns(0), svd.s(), svd.v().columns(0)));
        assertThat(Matrices.column(svd.s(), 0))
                .containsExactly(IntStream.range(0, order).mapToDouble(i -> order - i).toArray(), within(1e-6 * order));
        assertThat(algebra.peak()).isEqualTo(WorkSpace.svd(order, order, 0, Precision.F32));
    }

    @Test
    void leadingVectorsAlone() {
        for (Matrix a : List.of(matrices.random(400, 300, Precision.F32, 1), matrices.random(130, 300, Precision.F32, 2))) {
            for (int rank : new int[] {1, 32, a.smaller() / 4}) {
                Svd all = matrices.factors(a);
                Svd some = matrices.factors(a, rank);
                algebra.svd(a, all);
                algebra.svd(a, some);
                assertThat(algebra.orthogonality(some.u())).isLessThan(tolerance(Precision.F32, rank));
                assertThat(algebra.orthogonality(some.v())).isLessThan(tolerance(Precision.F32, rank));
                assertThat(Matrices.column(some.s(), 0))
                        .containsExactly(Matrices.column(all.leading(rank).s(), 0), within(1e-6 * all.s().get(0, 0)));
                Matrix between = matrices.zeros(rank, rank, Precision.F32);
                algebra.gemm(1, some.u(), true, all.u().columns(rank), false, 0, between);
                assertThat(algebra.norm(between)).isEqualTo(Math.sqrt(rank), within(1e-5));
            }
        }
    }

    @Test
    void aStoredTensorIsTheTransposeWithoutACopy() {
        Matrix a = matrices.random(12, 30, Precision.F32, 8);
        Matrix stored = Matrix.ofRows(a.data(), 30, 12, Precision.F32);
        assertThat(stored).isEqualTo(a);
        Svd svd = matrices.factors(stored);
        algebra.svd(stored, svd);
        assertThat(svd.transposed().u().rows()).isEqualTo(30);
    }

    @Test
    void theSlowerIterationThatReplacesDivideAndConquer() {
        for (Precision precision : Precision.values()) {
            Matrix a = matrices.random(40, 25, precision, 4);
            Svd svd = matrices.factors(a);
            try (Scratch scratch = new Scratch(LIMIT); Scratch.Frame frame = scratch.frame()) {
                scratch.require(1 << 20);
                Matrix copy = frame.matrix(40, 25, precision);
                Matrix vt = frame.matrix(25, 25, precision);
                Blas.copy(a, copy);
                Lapack.iterate(copy, svd.s(), svd.u(), vt, scratch);
                Blas.transpose(vt, svd.v());
            }
            assertGood(a, svd);
        }
    }

    @Test
    void bothRoutesAgree() {
        Matrix a = matrices.random(120, 50, Precision.F32, 6);
        Svd gram = matrices.factors(a);
        Svd direct = matrices.factors(a);
        assertThat(algebra.svd(a, gram)).isEqualTo(Route.GRAM);
        try (Scratch scratch = new Scratch(LIMIT)) {
            scratch.require(ThinSvd.directBytes(120, 50, 50, Precision.F32));
            ThinSvd.direct(a, direct, scratch);
        }
        assertThat(Matrices.column(gram.s(), 0))
                .containsExactly(Matrices.column(direct.s(), 0), within(2e-6 * gram.s().get(0, 0)));
    }

    @Test
    void workSpaceIsWhatWasPlanned() {
        Matrix a = matrices.random(200, 70, Precision.F32, 1);
        long planned = WorkSpace.svd(200, 70, 70, Precision.F32);
        algebra.svd(a, matrices.factors(a));
        assertThat(algebra.peak()).isEqualTo(planned);
        try (LinearAlgebra small = LinearAlgebra.open(planned - 1)) {
            assertThatThrownBy(() -> small.svd(a, matrices.factors(a)))
                    .isInstanceOf(ResourceException.class)
                    .hasMessageContaining(planned + " bytes");
        }
        try (LinearAlgebra enough = LinearAlgebra.open(planned)) {
            enough.reserve(planned);
            enough.svd(a, matrices.factors(a));
        }
    }

    @Test
    void notANumberHasNoFactors() {
        for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
            Matrix a = matrices.random(9, 9, Precision.F32, 1);
            a.set(8, 3, bad);
            assertThatThrownBy(() -> algebra.svd(a, matrices.factors(a)))
                    .isInstanceOf(FactorisationException.class)
                    .hasMessage("holds NaN or infinite values and has no factors");
            assertThatThrownBy(() -> algebra.eigh(a, matrices.zeros(9, 1, Precision.F32)))
                    .isInstanceOf(FactorisationException.class);
        }
    }

    @Test
    void roomThatDoesNotFitIsRefused() {
        Matrix a = matrices.random(9, 5, Precision.F32, 1);
        Matrix other = matrices.random(5, 9, Precision.F32, 1);
        assertThatThrownBy(() -> algebra.svd(a, matrices.factors(other))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void resultsDoNotDependOnThreads() throws InterruptedException, ExecutionException {
        double[][] expected = factors();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<double[][]>> answers = IntStream.range(0, 8)
                    .mapToObj(i -> threads.submit(SvdTest::factors))
                    .toList();
            for (Future<double[][]> answer : answers) {
                assertThat(answer.get()).isDeepEqualTo(expected);
            }
        }
    }

    private static double[][] factors() {
        try (Arena own = Arena.ofConfined(); LinearAlgebra algebra = LinearAlgebra.open(LIMIT)) {
            Matrices matrices = new Matrices(own);
            Matrix a = matrices.random(150, 60, Precision.F32, 9);
            Svd svd = matrices.factors(a);
            algebra.svd(a, svd);
            return Matrices.rows(svd.u());
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ingot.error.DeviceException;
import dev.ingot.ffi.SharedLibrary;
import dev.ingot.fixture.EmulatedDriver;
import dev.ingot.kernel.Backend;
import dev.ingot.kernel.Kernels;
import dev.ingot.kernel.TestGpus;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Functions of the driver and the libraries made to fail: the host's result in place of the GPU's, or a clean end. */
@Tag(EmulatedDriver.TAG)
class CudaAlgebraFaultTest {
    private static final long LIMIT = 1L << 28;
    private static final long LANE_MEMORY = 192L << 10;
    private static final int OUT_OF_MEMORY = 2;
    private static final int ILLEGAL_ADDRESS = 700;
    private static final int EXECUTION_FAILED = 13;
    private static final int BLAS_ALLOC_FAILED = 3;

    private final Arena arena = Arena.ofShared();
    private final Matrices matrices = new Matrices(arena);
    private EmulatedDriver driver;
    private TestGpus gpus;

    @BeforeEach
    void reset() {
        assumeTrue(LinearAlgebra.refusal().isEmpty(), () -> LinearAlgebra.refusal().orElseThrow());
        driver = EmulatedDriver.find().orElseGet(() -> Assumptions.abort("failures need the emulated driver"));
        driver.reset();
        gpus = TestGpus.find().orElseThrow();
    }

    @AfterEach
    void forget() {
        driver.reset();
        arena.close();
    }

    /** An operation with a copy of its operands, of which it gives what it has written. */
    enum Operation {
        GEMM(List.of("cublasSgemm_v2")) {
            @Override
            List<Matrix> run(LinearAlgebra algebra, Matrices matrices) {
                Matrix c = matrices.random(70, 50, Precision.F32, 3);
                algebra.gemm(1, matrices.random(70, 60, Precision.F32, 1), false, matrices.random(60, 50, Precision.F32, 2),
                        false, 1, c);
                return List.of(c);
            }
        },
        GRAM(List.of("cublasDsyrk_v2", "cublasDgeam", "ingot_gpu_convert")) {
            @Override
            List<Matrix> run(LinearAlgebra algebra, Matrices matrices) {
                Matrix square = matrices.zeros(60, 60, Precision.F64);
                algebra.gram(matrices.random(70, 60, Precision.F32, 1), false, square);
                return List.of(square);
            }
        },
        SVD(List.of("cublasDsyrk_v2", "cusolverDnXsyevd", "cusolverDnXsyevd_bufferSize", "cublasDgemm_v2",
                "cublasGemmStridedBatchedEx", "cublasDdgmm", "cuMemcpyDtoDAsync_v2")) {
            @Override
            List<Matrix> run(LinearAlgebra algebra, Matrices matrices) {
                Svd svd = matrices.factors(matrices.zeros(70, 60, Precision.F32));
                algebra.svd(matrices.random(70, 60, Precision.F32, 1), svd);
                return List.of(svd.u(), svd.s(), svd.v());
            }
        },
        TRUNCATED(List.of("cublasSgemm_v2", "cusolverDnXgeqrf", "cusolverDnXgeqrf_bufferSize", "cusolverDnSorgqr",
                "cusolverDnSorgqr_bufferSize", "cublasSdgmm")) {
            @Override
            List<Matrix> run(LinearAlgebra algebra, Matrices matrices) {
                Matrix a = matrices.withValues(100, 90, Precision.F32, 1, i -> Math.pow(0.5, i));
                Svd svd = matrices.factors(a, 4);
                algebra.truncatedSvd(a, svd, Sketch.of(1, Precision.F32));
                return List.of(svd.u(), svd.s(), svd.v());
            }
        },
        POLAR(List.of("cublasDsyrk_v2", "cusolverDnXpotrf", "cusolverDnXpotrf_bufferSize", "cublasDgemm_v2", "cublasDgeam")) {
            @Override
            List<Matrix> run(LinearAlgebra algebra, Matrices matrices) {
                Matrix q = matrices.zeros(70, 60, Precision.F32);
                algebra.polar(matrices.random(70, 60, Precision.F32, 1), -1, q);
                return List.of(q);
            }
        },
        LONG_POLAR(List.of("cublasDsyrk_v2", "cusolverDnXsyevd", "cublasDgemm_v2")) {
            @Override
            List<Matrix> run(LinearAlgebra algebra, Matrices matrices) {
                Matrix q = matrices.zeros(200, 60, Precision.F32);
                algebra.polar(matrices.random(200, 60, Precision.F32, 1), -1, q);
                return List.of(q);
            }
        },
        EIGH(List.of("cusolverDnXsyevd")) {
            @Override
            List<Matrix> run(LinearAlgebra algebra, Matrices matrices) {
                Matrix a = matrices.random(60, 60, Precision.F64, 1);
                Matrix values = matrices.zeros(60, 1, Precision.F64);
                algebra.eigh(a, values);
                return List.of(a, values);
            }
        },
        QR(List.of("cusolverDnXgeqrf", "cusolverDnDorgqr", "cublasDgeam")) {
            @Override
            List<Matrix> run(LinearAlgebra algebra, Matrices matrices) {
                Matrix a = matrices.random(60, 40, Precision.F64, 1);
                Matrix r = matrices.zeros(40, 40, Precision.F64);
                algebra.qr(a, r);
                return List.of(a, r);
            }
        };

        /** Functions without which it does not work. */
        private final List<String> functions;

        Operation(List<String> functions) {
            this.functions = functions;
        }

        abstract List<Matrix> run(LinearAlgebra algebra, Matrices matrices);
    }

    /** A function that fails in an operation. */
    record Failure(Operation operation, String function) {
        int error() {
            return function.startsWith("cu") && function.charAt(2) != 'b' && function.charAt(2) != 's'
                            || function.startsWith("ingot")
                    ? ILLEGAL_ADDRESS
                    : EXECUTION_FAILED;
        }

        @Override
        public String toString() {
            return function + " in " + operation;
        }
    }

    static Stream<Failure> failures() {
        return Stream.of(Operation.values()).flatMap(operation -> Stream.concat(
                        operation.functions.stream(), Stream.of("cuMemcpyHtoDAsync_v2", "cuMemAlloc_v2", "cuStreamSynchronize"))
                .map(function -> new Failure(operation, function)));
    }

    private List<Matrix> onHost(Operation operation) {
        try (LinearAlgebra host = LinearAlgebra.open(LIMIT)) {
            return operation.run(host, matrices);
        }
    }

    /** Runs it with something prepared just before, when all is open. */
    private List<Matrix> onGpu(Operation operation, Backend backend, Runnable before) {
        try (Kernels kernels = backend.open();
                LinearAlgebra algebra = LinearAlgebra.open(LIMIT, kernels)) {
            assertThat(algebra).isInstanceOf(CudaAlgebra.class);
            before.run();
            return operation.run(algebra, matrices);
        }
    }

    private static void assertIdentical(List<Matrix> found, List<Matrix> expected) {
        for (int i = 0; i < expected.size(); i++) {
            assertThat(found.get(i).data().mismatch(expected.get(i).data())).isEqualTo(-1);
        }
    }

    private void assertNothingLeft() {
        assertThat(driver.liveAllocations()).as("blocks of memory").isZero();
        assertThat(driver.liveHandles()).as("streams, libraries and their handles").isZero();
    }

    @ParameterizedTest
    @MethodSource("failures")
    void whereTheGpuWasAskedForItsFailureEndsTheMerge(Failure failure) {
        assertThatThrownBy(() -> onGpu(failure.operation(), gpus.withMatrices(LANE_MEMORY),
                        () -> driver.fail(failure.function(), 1, failure.error())))
                .isInstanceOfSatisfying(DeviceException.class, e -> {
                    assertThat(e.getMessage()).startsWith("GPU 0 (").hasLineCount(1);
                    assertThat(e.hint()).hasLineCount(1);
                });
        assertNothingLeft();
    }

    @ParameterizedTest
    @MethodSource("failures")
    void automaticChoiceGoesOnOnTheHost(Failure failure) {
        Backend backend = TestGpus.withFallback(gpus.withMatrices(LANE_MEMORY));
        List<Matrix> found =
                onGpu(failure.operation(), backend, () -> driver.fail(failure.function(), 1, failure.error()));
        assertIdentical(found, onHost(failure.operation()));
        assertThat(backend.notice()).get().asString().contains("the cuda backend failed").hasLineCount(1);
        assertNothingLeft();
    }

    static Stream<Operation> operations() {
        return Stream.of(Operation.values());
    }

    @ParameterizedTest
    @MethodSource("operations")
    void withoutFailureNothingIsLeftAndAllCopiesArePinned(Operation operation) {
        Backend backend = gpus.withMatrices(LANE_MEMORY);
        onGpu(operation, backend, () -> {});
        assertThat(backend.notice()).isEmpty();
        assertThat(driver.pageableCopies()).isZero();
        assertThat(driver.lastFault()).isEmpty();
        assertNothingLeft();
    }

    /** Whatever allocation fails first: others may have the memory, so it is tried once more, alone. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void tooLittleMemoryForAMoment(int allocation) {
        for (Operation operation : Operation.values()) {
            List<Matrix> once = onGpu(operation, gpus.withMatrices(LANE_MEMORY), () -> {});
            List<Matrix> again = onGpu(operation, gpus.withMatrices(LANE_MEMORY),
                    () -> driver.fail("cuMemAlloc_v2", allocation, OUT_OF_MEMORY));
            assertIdentical(again, once);
            assertNothingLeft();
            // Some make fewer allocations than that.
            driver.reset();
            gpus = TestGpus.find().orElseThrow();
        }
    }

    @ParameterizedTest
    @MethodSource("operations")
    void whatDoesNotFitIsDoneByTheHost(Operation operation) {
        Backend backend = gpus.withMatrices(LANE_MEMORY);
        List<Matrix> found = onGpu(operation, backend, () -> driver.set("INGOT_SHIM_MEMORY", "500000"));
        assertIdentical(found, onHost(operation));
        assertThat(backend.notice()).as("that is no failure").isEmpty();
        assertNothingLeft();
    }

    @ParameterizedTest
    @ValueSource(strings = {"cublasCreate_v2", "cusolverDnCreate", "cusolverDnCreateParams"})
    void librariesThatRefuseAreAsGoodAsNone(String function) {
        Backend backend = gpus.withMatrices(LANE_MEMORY);
        List<Matrix> found = onGpu(Operation.SVD, backend, () -> driver.fail(function, 1, 1));
        assertIdentical(found, onHost(Operation.SVD));
        assertThat(backend.notice()).get().asString().startsWith("matrices were left to the processor: " + function);
        assertNothingLeft();
    }

    @Test
    void aLibraryWithoutMemoryIsAskedAgain() {
        Backend backend = gpus.withMatrices(LANE_MEMORY);
        onGpu(Operation.SVD, backend, () -> driver.fail("cublasCreate_v2", 1, BLAS_ALLOC_FAILED));
        assertThat(backend.notice()).isEmpty();
        assertNothingLeft();
    }

    @ParameterizedTest
    @ValueSource(strings = {"SVD", "LONG_POLAR", "EIGH"})
    void whatCusolverDoesNotFindTheHostLooksFor(Operation operation) {
        Backend backend = gpus.withMatrices(LANE_MEMORY);
        List<Matrix> found = onGpu(operation, backend, () -> driver.fail("cusolverDnXsyevd.info", 1, 7));
        assertIdentical(found, onHost(operation));
        assertThat(backend.notice()).isEmpty();
        assertNothingLeft();
    }

    /** Results that have begun to overwrite an operand cannot be computed anew. */
    @Test
    void aFailureOnTheWayBackIsNoReasonToBeginAgain() {
        Backend backend = TestGpus.withFallback(gpus.withMatrices(LANE_MEMORY));
        // The first one fetches what the routine has found.
        assertThatThrownBy(() -> onGpu(Operation.EIGH, backend, () -> driver.fail("cuMemcpyDtoHAsync_v2", 2, ILLEGAL_ADDRESS)))
                .isInstanceOf(DeviceException.class);
        assertNothingLeft();
    }

    @Test
    void aMissingLibraryIsToldOnce() {
        Optional<String> refusal = DeviceEngine.refusal("cuBLAS", new SharedLibrary.Unavailable("it is not there"), "install it");
        assertThat(refusal).contains("no cuBLAS: it is not there; install it");
        Backend backend = gpus.withMatrices(LANE_MEMORY);
        try (Kernels kernels = backend.open();
                LinearAlgebra host = LinearAlgebra.open(LIMIT)) {
            assertThat(CudaAlgebra.over(host, kernels, () -> refusal)).isSameAs(host);
            assertThat(CudaAlgebra.over(host, kernels, () -> Optional.of("another"))).isSameAs(host);
        }
        assertThat(backend.notice())
                .contains("matrices were left to the processor: no cuBLAS: it is not there; install it");
        try (Kernels kernels = gpus.backend(LANE_MEMORY).open();
                LinearAlgebra host = LinearAlgebra.open(LIMIT)) {
            assertThat(CudaAlgebra.over(host, kernels)).as("where no matrices are wanted").isSameAs(host);
        }
    }

    @Test
    void aLaneThatOpensLaterGetsWhatMatricesLeft() {
        Backend backend = gpus.withMatrices(LANE_MEMORY);
        List<Matrix> expected = onGpu(Operation.SVD, gpus.withMatrices(LANE_MEMORY), () -> {});
        List<Matrix> found = onGpu(Operation.SVD, backend, () -> {
            onGpu(Operation.SVD, backend, () -> {});
            // For two lanes, which take twice what they have pinned, and nothing else.
            driver.set("INGOT_SHIM_MEMORY", String.valueOf(2 * 2 * LANE_MEMORY));
            backend.open().close();
            driver.set("INGOT_SHIM_MEMORY", String.valueOf(64L << 20));
        });
        assertIdentical(found, expected);
        assertNothingLeft();
    }

    /** Too little memory for two at a time, enough for one. */
    @Test
    void threadsTakeTurnsWhereMemoryIsScarce() throws Exception {
        List<Matrix> expected = onGpu(Operation.SVD, gpus.withMatrices(LANE_MEMORY), () -> {});
        Backend backend = gpus.withMatrices(LANE_MEMORY);
        driver.set("INGOT_SHIM_MEMORY", String.valueOf((4L << 20)));
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<List<Matrix>>> results = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                results.add(threads.submit(() -> onGpu(Operation.SVD, backend, () -> {})));
            }
            for (Future<List<Matrix>> result : results) {
                assertIdentical(result.get(), expected);
            }
        }
        assertThat(backend.notice()).isEmpty();
        assertNothingLeft();
    }
}

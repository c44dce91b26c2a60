// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.error.DeviceException;
import dev.ingot.fixture.EmulatedDriver;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Lanes on GPUs: their memory, their number, and what becomes of a call that fails in the middle. */
@Tag(EmulatedDriver.TAG)
class CudaKernelsTest {
    private static final int LAUNCH_FAILED = 719;
    private static final long LITTLE = TestGpus.LITTLE_MEMORY;

    private EmulatedDriver driver;

    @BeforeEach
    void reset() {
        driver = EmulatedDriver.find().orElseGet(() -> Assumptions.abort("this needs the emulated driver"));
        driver.reset();
    }

    @AfterEach
    void forget() {
        driver.reset();
    }

    private static TestGpus gpus() {
        return TestGpus.find().orElseThrow();
    }

    /** Several pieces, one that is larger than a slot, and more inputs than fit at all: always the same two blocks of memory. */
    @ParameterizedTest
    @CsvSource({"3, 100000", "70, 9000", "2000, 1000", "9000, 16"})
    void memoryIsConstant(int models, int count) {
        KernelCase sum = new ElementwiseCases.Sum(List.of(Dtype.F32), models, count, Values.TYPICAL, 3);
        byte[] expected;
        try (Kernels reference = new ReferenceBackend().open()) {
            expected = sum.run(reference);
        }
        try (Kernels lane = gpus().backend(LITTLE).open()) {
            assertThat(driver.liveAllocations()).isEqualTo(2);
            assertThat(sum.run(lane)).isEqualTo(expected);
            assertThat(driver.liveAllocations()).isEqualTo(2);
        }
        assertThat(driver.liveAllocations()).isZero();
        assertThat(driver.liveHandles()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void aRepeatedHistogramCountsNothingTwice(int launch) {
        KernelCase histogram = new ReadingCases.Histogram(false, List.of(Dtype.F64), 300_000, Values.TYPICAL, 5);
        byte[] expected;
        try (Kernels reference = new ReferenceBackend().open()) {
            expected = histogram.run(reference);
        }
        TestGpus gpus = gpus();
        Backend backend = gpus.withFallback(LITTLE);
        try (Kernels lane = backend.open()) {
            driver.fail("ingot_gpu_select_histogram", launch, LAUNCH_FAILED);
            assertThat(histogram.run(lane)).isEqualTo(expected);
        }
        assertThat(backend.notice()).get().asString().contains("CUDA_ERROR_LAUNCH_FAILED");
        assertThat(driver.liveAllocations()).isZero();
    }

    /** Whatever kernel of a call fails: no lane hangs, and memory is free again. */
    @ParameterizedTest
    @ValueSource(strings = {"cuMemsetD8Async", "cuLaunchKernel", "cuMemcpyHtoDAsync_v2", "cuMemcpyDtoHAsync_v2"})
    void afterAFailureALaneCanBeClosed(String function) {
        KernelCase keys = new ReadingCases.Kth(300_000, 1000, 5);
        TestGpus gpus = gpus();
        try (Kernels lane = gpus.backend(LITTLE).open()) {
            driver.fail(function, 2, LAUNCH_FAILED);
            assertThatThrownBy(() -> keys.run(lane))
                    .isInstanceOf(DeviceException.class)
                    .hasMessageContaining(function);
        }
        assertThat(driver.liveAllocations()).isZero();
        assertThat(driver.liveHandles()).isZero();
    }

    @Test
    void lanesAreSpreadOverGpus() {
        driver.set("INGOT_SHIM_DEVICES", "2");
        KernelCase sum = new ElementwiseCases.Sum(List.of(Dtype.BF16), 3, 5000, Values.TYPICAL, 3);
        Backend backend = gpus().backend(LITTLE);
        assertThat(gpus().gpus()).hasSize(2);
        try (Kernels first = backend.open();
                Kernels second = backend.open();
                Kernels third = backend.open()) {
            byte[] result = sum.run(first);
            assertThat(sum.run(second)).isEqualTo(result);
            assertThat(sum.run(third)).isEqualTo(result);
            driver.fail("ingot_gpu_weighted_sum_bf16", 1, LAUNCH_FAILED);
            assertThatThrownBy(() -> sum.run(second)).hasMessageStartingWith("GPU 1 (");
            assertThat(sum.run(first)).as("the other GPU goes on").isEqualTo(result);
        }
        assertThat(driver.liveAllocations()).isZero();
        assertThat(driver.liveHandles()).isZero();
    }

    @Test
    void anImageThatIsNoneIsRefused() {
        Backend backend = new CudaBackend(gpus().gpus(), () -> new byte[8], new ReferenceBackend(), MatrixUse.NONE);
        assertThatThrownBy(backend::open)
                .isInstanceOfSatisfying(DeviceException.class, e -> assertThat(e.hint()).contains("build Ingot"))
                .hasMessageContaining("cuLibraryLoadData");
        assertThat(driver.liveAllocations() + driver.liveHandles()).isZero();
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.error.DeviceException;
import dev.ingot.error.ExitCode;
import dev.ingot.exec.IoMode;
import dev.ingot.exec.MergeExecutor;
import dev.ingot.fixture.EmulatedDriver;
import dev.ingot.fixture.Merges;
import dev.ingot.fixture.Snapshot;
import dev.ingot.fixture.TestFamily;
import dev.ingot.kernel.Backend;
import dev.ingot.kernel.ReferenceBackend;
import dev.ingot.kernel.TestGpus;
import dev.ingot.plan.Plan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every function of the CUDA driver, and every kernel of a merge, made to fail: a clean end where CUDA was asked for, the host in
 * its place where not, the same bytes in the end, and nothing left behind on the GPU or in the file system.
 */
@Tag(EmulatedDriver.TAG)
class CudaFaultTest {
    private static final int OUT_OF_MEMORY = 2;
    private static final int ILLEGAL_ADDRESS = 700;
    private static final long LANE_MEMORY = 3L << 20;
    private static final int THREADS = 2;

    private static final String YAML =
            Merges.yaml("ties", "{}", "a {weight: 0.5, density: 0.4}", "b {weight: 0.3, density: 0.7}");

    /** They end something: that it is not ended is what the failure means. */
    private static final Set<String> ENDING = Set.of(
            "cuMemFree_v2", "cuMemFreeHost", "cuStreamDestroy_v2", "cuLibraryUnload", "cuDevicePrimaryCtxRelease_v2");

    @TempDir
    private Path models;

    @TempDir
    private Path directory;

    private EmulatedDriver driver;
    private TestGpus gpus;
    private Path output;

    @BeforeEach
    void reset() throws IOException {
        driver = EmulatedDriver.find().orElseGet(() -> Assumptions.abort("failures need the emulated driver"));
        driver.reset();
        gpus = TestGpus.find().orElseThrow();
        output = directory.resolve("out");
        TestFamily.uniform(models, Dtype.BF16, 3, 300, 301);
    }

    @AfterEach
    void forgetFailures() {
        driver.reset();
    }

    static Stream<Arguments> failures() {
        return Stream.concat(
                Stream.of(
                        Arguments.of("cuMemHostAlloc", 1, OUT_OF_MEMORY),
                        Arguments.of("cuMemHostAlloc", 2, OUT_OF_MEMORY),
                        Arguments.of("cuMemAlloc_v2", 1, ILLEGAL_ADDRESS),
                        Arguments.of("cuMemAlloc_v2", 2, ILLEGAL_ADDRESS),
                        Arguments.of("cuLaunchKernel", 7, ILLEGAL_ADDRESS),
                        Arguments.of("cuStreamSynchronize", 5, ILLEGAL_ADDRESS),
                        Arguments.of("ingot_gpu_select_scan_bf16", 2, ILLEGAL_ADDRESS),
                        Arguments.of("ingot_gpu_select_gather", 1, ILLEGAL_ADDRESS),
                        Arguments.of("ingot_gpu_delta_merge_bf16", 1, ILLEGAL_ADDRESS)),
                Stream.concat(
                        ENDING.stream().sorted().map(name -> Arguments.of(name, 1, ILLEGAL_ADDRESS)),
                        Stream.of(
                                        "cuDevicePrimaryCtxRetain",
                                        "cuCtxSetCurrent",
                                        "cuLibraryLoadData",
                                        "cuLibraryGetKernel",
                                        "cuStreamCreate",
                                        "cuMemcpyHtoDAsync_v2",
                                        "cuMemcpyDtoHAsync_v2",
                                        "cuLaunchKernel",
                                        "cuStreamSynchronize")
                                .map(name -> Arguments.of(name, 1, ILLEGAL_ADDRESS))));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void whereCudaWasAskedForTheMergeEndsAndCanBeContinued(String function, int nth, int error) throws IOException {
        Plan plan = plan();
        driver.fail(function, nth, error);
        assertThatThrownBy(() -> run(plan, gpus.backend(LANE_MEMORY)))
                .isInstanceOfSatisfying(DeviceException.class, e -> {
                    assertThat(e.getMessage()).startsWith("GPU 0 (").contains("CUDA_ERROR_").hasLineCount(1);
                    assertThat(e.hint()).contains("--backend cpu").hasLineCount(1);
                    assertThat(e.exitCode()).isEqualTo(ExitCode.DEVICE);
                });
        assertThat(Snapshot.names(output)).noneMatch(name -> name.endsWith(".safetensors"));
        assertNothingLeft(function);

        driver.reset();
        gpus = TestGpus.find().orElseThrow();
        run(plan(), gpus.backend(LANE_MEMORY));
        assertComplete();
        assertThat(driver.liveAllocations() + driver.liveHandles()).isZero();
    }

    /** Matrices of other lanes may have had the memory. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void tooLittleMemoryForAMomentIsNoFailure(int nth) throws IOException {
        Backend backend = gpus.backend(LANE_MEMORY);
        driver.fail("cuMemAlloc_v2", nth, OUT_OF_MEMORY);
        run(plan(), backend);
        assertComplete();
        assertThat(backend.notice()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("failures")
    void automaticChoiceGoesOnOnTheHost(String function, int nth, int error) throws IOException {
        Plan plan = plan();
        Backend backend = gpus.withFallback(LANE_MEMORY);
        driver.fail(function, nth, error);
        run(plan, backend);
        assertComplete();
        assertThat(backend.notice()).get().asString()
                .startsWith("the cuda backend failed, cpu went on in its place: GPU 0 (")
                .contains("CUDA_ERROR_")
                .hasLineCount(1);
        assertThat(backend.description()).contains(", then cpu");
        assertNothingLeft(function);
    }

    @Test
    void withoutFailureThereIsNoNoticeAndNothingLeft() throws IOException {
        Backend backend = gpus.withFallback(LANE_MEMORY);
        run(plan(), backend);
        assertComplete();
        assertThat(backend.notice()).isEmpty();
        assertNothingLeft("");
        assertThat(driver.pageableCopies()).as("copies from memory that is not pinned").isZero();
        assertThat(driver.lastFault()).isEmpty();
    }

    /** A GPU with too little memory for even one lane. */
    @Test
    void tooSmallGpu() throws IOException {
        driver.set("INGOT_SHIM_MEMORY", "1000000");
        assertThatThrownBy(() -> run(plan(), gpus.backend(LANE_MEMORY)))
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining("CUDA_ERROR_OUT_OF_MEMORY");
        assertThat(Snapshot.names(output)).isEmpty();
        Backend backend = gpus.withFallback(LANE_MEMORY);
        run(plan(), backend);
        assertComplete();
        assertThat(backend.notice()).isPresent();
        assertNothingLeft("");
    }

    private void assertNothingLeft(String function) {
        if (!ENDING.contains(function)) {
            assertThat(driver.liveAllocations()).as("blocks of memory").isZero();
            assertThat(driver.liveHandles()).as("streams, events, libraries").isZero();
        }
    }

    private void assertComplete() throws IOException {
        Path expected = directory.resolve("expected");
        run(plan(expected), new ReferenceBackend());
        assertThat(Snapshot.names(output)).isEqualTo(List.of("model.safetensors"));
        assertThat(output.resolve("model.safetensors"))
                .hasSameBinaryContentAs(expected.resolve("model.safetensors"));
    }

    private Plan plan() {
        return plan(output);
    }

    private Plan plan(Path target) {
        MergeRequest request = MergeRequest.ofYaml(YAML, "test.yml", models, target)
                .withBackend("reference")
                .withThreads(THREADS)
                .withOverwrite(true);
        return Ingot.create(Map.of("INGOT_CUDA_DEVICES", "none")).plan(request).plan();
    }

    private static void run(Plan plan, Backend backend) {
        new MergeExecutor(plan, backend, IoMode.AUTO).run(resumed -> new LinkedHashMap<>());
    }
}

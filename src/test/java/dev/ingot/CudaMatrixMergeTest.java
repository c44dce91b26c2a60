// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.error.DeviceException;
import dev.ingot.exec.IoMode;
import dev.ingot.exec.MergeExecutor;
import dev.ingot.ffi.CublasLibrary;
import dev.ingot.ffi.SharedLibrary;
import dev.ingot.fixture.EmulatedDriver;
import dev.ingot.fixture.Merges;
import dev.ingot.fixture.TestCheckpoint;
import dev.ingot.fixture.TestFamily;
import dev.ingot.kernel.Backend;
import dev.ingot.kernel.Backends;
import dev.ingot.kernel.TestGpus;
import dev.ingot.linalg.LinearAlgebra;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Merges whose matrices are worked on by cuBLAS and cuSOLVER. */
@Tag(EmulatedDriver.TAG)
class CudaMatrixMergeTest {
    private static final long LANE_MEMORY = 192L << 10;
    private static final int EXECUTION_FAILED = 13;

    @TempDir
    private Path models;

    @TempDir
    private Path directory;

    private EmulatedDriver driver;
    private TestGpus gpus;

    @BeforeEach
    void reset() throws IOException {
        assumeTrue(LinearAlgebra.refusal().isEmpty(), () -> LinearAlgebra.refusal().orElseThrow());
        driver = EmulatedDriver.find().orElseGet(() -> Assumptions.abort("this needs the emulated driver"));
        assertThat(CublasLibrary.open()).isInstanceOf(SharedLibrary.Loaded.class);
        driver.reset();
        gpus = TestGpus.find().orElseThrow();
        TestFamily.uniform(models, Dtype.F32, 3, 90, 80);
    }

    @AfterEach
    void forget() {
        driver.reset();
    }

    private static String yaml(String method) {
        String parameters = method.equals("wudi") ? "{steps: 7, learning_rate: 0.0001}" : "{}";
        return Merges.yaml(method, parameters, "a {}", "b {}");
    }

    private Path merge(String method, Backend backend, int threads, String name) {
        Path output = directory.resolve(name);
        MergeRequest request = MergeRequest.ofYaml(yaml(method), "test.yml", models, output)
                .withBackend("reference")
                .withThreads(threads)
                .withOverwrite(true);
        var plan = Ingot.create(Map.of("INGOT_CUDA_DEVICES", "none")).plan(request).plan();
        new MergeExecutor(plan, backend, IoMode.AUTO).run(resumed -> new LinkedHashMap<>());
        return output;
    }

    private String hash(String method, String backend, String matrices) {
        MergeRequest request = MergeRequest.ofYaml(yaml(method), "test.yml", models, directory.resolve("planned"))
                .withBackend(backend);
        return Ingot.create(Map.of("INGOT_CUDA_MATRICES", matrices)).plan(request).plan().hash();
    }

    @Test
    void whatTheHostBeganIsNotGoneOnWithOnAnother() {
        assertThat(hash("tsv_m", "cuda", "auto")).isNotEqualTo(hash("tsv_m", "cpu", "auto"));
        assertThat(hash("tsv_m", "cuda", "none")).isEqualTo(hash("tsv_m", "cpu", "auto"));
        assertThat(hash("model_stock", "cuda", "auto")).isEqualTo(hash("model_stock", "cpu", "auto"));
    }

    private Path onHost(String method) {
        return merge(method, Backends.detect(Map.of()).host(), 2, "host");
    }

    private static void assertSameBytes(Path one, Path other) {
        assertThat(one.resolve("model.safetensors")).hasSameBinaryContentAs(other.resolve("model.safetensors"));
    }

    private void assertNothingLeft() {
        assertThat(driver.liveAllocations()).as("blocks of memory").isZero();
        assertThat(driver.liveHandles()).as("streams, libraries and their handles").isZero();
    }

    @ParameterizedTest
    @CsvSource({"tsv_m", "iso_c", "iso_cts", "wudi", "opcm", "knots"})
    void nearlyTheHostsResultFromAnyNumberOfThreads(String method) throws IOException {
        Backend backend = gpus.withMatrices(LANE_MEMORY);
        Path one = merge(method, backend, 1, "one");
        assertSameBytes(merge(method, backend, 3, "three"), one);
        assertThat(backend.notice()).isEmpty();
        assertThat(driver.pageableCopies()).isZero();
        assertThat(driver.lastFault()).isEmpty();
        assertNothingLeft();
        var expected = TestCheckpoint.read(onHost(method));
        var found = TestCheckpoint.read(one);
        expected.forEach((name, tensor) ->
                assertThat(found.get(name).values()).as(name).containsExactly(tensor.values(), within(2e-5)));
    }

    @ParameterizedTest
    @CsvSource({"tsv_m, cusolverDnXsyevd, 13", "iso_c, cublasDgemm_v2, 13", "wudi, cublasSgemm_v2, 13", "tsv_m, cuMemAlloc_v2, 700"})
    void aFailureEndsWhatWasAskedForAndIsMadeUpForOtherwise(String method, String function, int error) {
        // Allocations of lanes come first.
        int nth = error == EXECUTION_FAILED ? 1 : 2;
        driver.fail(function, nth, error);
        assertThatThrownBy(() -> merge(method, gpus.withMatrices(LANE_MEMORY), 1, "ended"))
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining(function);
        assertNothingLeft();
        driver.reset();
        gpus = TestGpus.find().orElseThrow();
        Backend automatic = TestGpus.withFallback(gpus.withMatrices(LANE_MEMORY));
        driver.fail(function, nth, error);
        assertSameBytes(merge(method, automatic, 1, "automatic"), onHost(method));
        assertThat(automatic.notice()).get().asString().contains(function);
        assertNothingLeft();
    }

    @Test
    void aGpuWithTooLittleMemoryIsNoHindrance() {
        Backend backend = gpus.withMatrices(LANE_MEMORY);
        // Enough for the lanes.
        driver.set("INGOT_SHIM_MEMORY", String.valueOf(2 * 2 * LANE_MEMORY + (100 << 10)));
        assertSameBytes(merge("tsv_m", backend, 2, "little"), onHost("tsv_m"));
        assertThat(backend.notice()).isEmpty();
        assertNothingLeft();
    }
}

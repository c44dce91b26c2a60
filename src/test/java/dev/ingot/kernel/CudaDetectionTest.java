// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ingot.cuda.CudaPlatform;
import dev.ingot.cuda.Gpu;
import dev.ingot.error.DeviceException;
import dev.ingot.ffi.NativeLibrary;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which GPUs are taken, and what is said where none is. */
class CudaDetectionTest {
    private static CudaPlatform platform(int... majors) {
        List<Gpu> gpus = IntStream.range(0, majors.length)
                .mapToObj(i -> new Gpu(i, i, "Test GPU " + i, majors[i], 0, 1L << 30, 1, "0000:0" + i + ":00.0"))
                .toList();
        return new CudaPlatform.Available(new CudaPlatform.Driver("libcuda.so.1", 13000), gpus);
    }

    private static List<Integer> chosen(CudaPlatform platform, String devices) {
        return CudaDetection.of(platform, true, devices, "").chosen().stream().map(Gpu::index).toList();
    }

    private static String off(CudaPlatform platform, boolean kernels, String devices) {
        CudaDetection found = CudaDetection.of(platform, kernels, devices, "");
        assertThat(found.chosen()).isEmpty();
        assertThat(found.availability(new ReferenceBackend()).backend()).isEmpty();
        return found.off().orElseThrow();
    }

    @Test
    void allGpusThatTheKernelsAreForUnlessSomeAreNamed() {
        assertThat(chosen(platform(9, 8, 6), "")).containsExactly(0, 1);
        assertThat(chosen(platform(9, 8, 9), "2, 0")).containsExactly(2, 0);
        assertThat(CudaDetection.of(platform(9, 8), true, "", "").availability(new ReferenceBackend()).detail())
                .isEqualTo("cuda (Test GPU 0, Test GPU 1)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"3", "-1", "0,,1", "first", "0,7"})
    void gpusThatAreNotThereAreRefused(String devices) {
        assertThat(off(platform(9, 9), true, devices))
                .startsWith("INGOT_CUDA_DEVICES is " + devices)
                .contains("0 to 1");
    }

    @Test
    void everyReasonSaysWhatToDo() {
        assertThat(off(new CudaPlatform.Unavailable("no CUDA driver: install it"), true, ""))
                .isEqualTo("no CUDA driver: install it");
        assertThat(off(platform(9), false, "")).contains("no kernels for GPUs", "nvcc");
        assertThat(off(platform(6), true, "")).contains("7.5", "--backend cpu");
        assertThat(off(platform(9), true, "none")).isEqualTo("switched off by INGOT_CUDA_DEVICES=none");
    }

    @Test
    void matricesForGpusAreChosenByName() {
        assertThat(CudaDetection.of(platform(9), true, "", "").matrices()).isEqualTo(MatrixUse.AUTO);
        assertThat(CudaDetection.of(platform(9), true, "", "none").matrices()).isEqualTo(MatrixUse.NONE);
        CudaDetection wrong = CudaDetection.of(platform(9), true, "", "some");
        assertThat(wrong.chosen()).isEmpty();
        assertThat(wrong.off())
                .contains("INGOT_CUDA_MATRICES is some: set it to one of auto, all, none, or unset it");
    }

    @Test
    void cudaIsNotReplacedWhenAskedForAndIsByAutomaticChoice() {
        Backends backends = Backends.of(
                new NativeLibrary.Unavailable("none here"),
                Optional.empty(),
                () -> CudaDetection.of(platform(9), false, "", ""));
        assertThatThrownBy(() -> backends.choose("cuda"))
                .isInstanceOf(DeviceException.class)
                .hasMessageStartingWith("backend cuda: this build of Ingot has no kernels for GPUs");
        assertThat(backends.choose("auto").backend().name()).isEqualTo("reference");

        Backends withGpu = Backends.of(
                new NativeLibrary.Unavailable("none here"),
                Optional.empty(),
                () -> CudaDetection.of(platform(9), true, "", ""));
        assertThat(withGpu.choose("auto").backend().description()).isEqualTo("cuda (Test GPU 0)");
        assertThat(withGpu.choose("auto").notice()).isEmpty();
        assertThat(withGpu.choose("cuda").backend()).isInstanceOf(CudaBackend.class);
    }
}

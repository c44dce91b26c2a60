// SPDX-License-Identifier: Apache-2.0
package dev.ingot.ffi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ingot.ffi.cublas.Cublas;
import dev.ingot.ffi.cusolver.Cusolver;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CudaMathLibrariesTest {
    @Test
    void newestVersionFirst() {
        assertThat(CudaToolkit.names("libx.so", 13, 12)).containsExactly(
                "libx.so.13", "/usr/local/cuda/lib64/libx.so.13", "libx.so.12", "/usr/local/cuda/lib64/libx.so.12");
    }

    @Test
    void missingLibraryGivesOneLineWithItsNames() {
        SharedLibrary outcome = SharedLibrary.open("INGOT_X", CudaToolkit.names("libingot_none.so", 13), name -> null);

        assertThat(outcome).isEqualTo(new SharedLibrary.Unavailable(
                "the dynamic linker finds no libingot_none.so.13 or /usr/local/cuda/lib64/libingot_none.so.13"));
        assertThat(outcome.symbols().find("cublasCreate_v2")).isEmpty();
    }

    @Test
    void namedFileThatIsNotThereIsNotReplacedByAnother() {
        assertThat(SharedLibrary.open(CublasLibrary.VARIABLE, List.of("libc.so.6"),
                Map.of("INGOT_CUBLAS", "/none/libcublas.so.13")::get))
                .isEqualTo(new SharedLibrary.Unavailable("INGOT_CUBLAS is /none/libcublas.so.13, which is no file"));
    }

    @Test
    void hintsAreOneLineThatNamesTheVariable() {
        assertThat(CublasLibrary.HINT).contains(CublasLibrary.VARIABLE).hasLineCount(1);
        assertThat(CusolverLibrary.HINT).contains(CusolverLibrary.VARIABLE).hasLineCount(1);
        assertThat(OpenBlasLibrary.HINT).contains(OpenBlasLibrary.VARIABLE).hasLineCount(1);
    }

    @Test
    void constantsNeedNoLibrary() {
        assertThat(Cublas.CUBLAS_COMPUTE_64F()).isEqualTo(70);
        assertThat(Cusolver.CUSOLVER_EIG_MODE_VECTOR()).isEqualTo(1);
    }

    @Test
    void callWithoutTheLibraryFails() {
        assumeTrue(CublasLibrary.open() instanceof SharedLibrary.Unavailable, "cuBLAS is installed here");

        assertThatThrownBy(() -> Cublas.cublasDestroy_v2(MemorySegment.NULL))
                .isInstanceOf(UnsatisfiedLinkError.class)
                .hasMessageContaining("cublasDestroy_v2");
    }

    @Test
    void installedLibrariesTellTheirVersions() {
        assumeTrue(CublasLibrary.open() instanceof SharedLibrary.Loaded, () -> "no cuBLAS: " + CublasLibrary.open());
        assumeTrue(CusolverLibrary.open() instanceof SharedLibrary.Loaded, () -> "no cuSOLVER: " + CusolverLibrary.open());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment version = arena.allocate(ValueLayout.JAVA_INT);

            assertThat(Cusolver.cusolverGetVersion(version)).isEqualTo(Cusolver.CUSOLVER_STATUS_SUCCESS());
            assertThat(version.get(ValueLayout.JAVA_INT, 0)).isGreaterThan(11000);
            assertThat(Cublas.cublasGetStatusName(Cublas.CUBLAS_STATUS_ALLOC_FAILED()).reinterpret(100).getString(0))
                    .isEqualTo("CUBLAS_STATUS_ALLOC_FAILED");
        }
    }
}

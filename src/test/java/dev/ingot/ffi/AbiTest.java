// SPDX-License-Identifier: Apache-2.0
package dev.ingot.ffi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ingot.ffi.cublas.Cublas;
import dev.ingot.ffi.cuda.CudaDriver;
import dev.ingot.ffi.cusolver.Cusolver;
import dev.ingot.ffi.gpu.IngotGpu;
import dev.ingot.ffi.nativelib.IngotNative;
import dev.ingot.ffi.openblas.OpenBlas;
import dev.ingot.ffi.posix.Libc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The committed bindings equal the C headers of the machine that runs this. */
class AbiTest {
    private static final Path PROJECT = Path.of(System.getProperty("basedir", "")).toAbsolutePath();
    private static final Path PROBE_HEADER = PROJECT.resolve("src/test/resources/dev/ingot/ffi");

    private static SystemCompiler compiler;

    @TempDir
    Path folder;

    @BeforeAll
    static void findCompiler() {
        compiler = SystemCompiler.orSkip();
    }

    @Test
    void kernelInterface() throws IOException {
        String source = AbiProbe.source(IngotNative.class, "ingot/ingot.h");

        assertThat(source).contains("offsetof(ingot_operand, dtype) == 8", "function<decltype(ingot_convert)");
        assertCompiles(compile(source));
    }

    @Test
    void posix() throws IOException {
        assumeTrue(NativePlatform.current().isLinux64(), "the POSIX bindings are for 64-bit Linux");
        String source = AbiProbe.source(Libc.class, "posix.h");

        assertThat(source).contains("sizeof(struct statfs) == ", "variadic_function<decltype(open)", "(MADV_COLD) =");
        assertCompiles(compile(source));
    }

    @Test
    void gpuKernelInterface() throws IOException {
        String source = AbiProbe.source(IngotGpu.class, "ingot/gpu.h");

        assertThat(source).contains("offsetof(ingot_gpu_nth_args, first) == ", "(INGOT_GPU_CONVERT_ELEMENTS) == 2048");
        assertCompiles(compile(source));
    }

    @Test
    void cudaDriver() throws IOException, InterruptedException {
        List<Path> headers = ForeignHeaders.cudaOrSkip("cuda.h");
        String source = AbiProbe.source(CudaDriver.class, "cuda.h");

        assertThat(source).contains("function<decltype(cuLaunchKernel)", "function<decltype(cuMemAlloc_v2)");
        assertCompiles(compile(source, headers));
    }

    @Test
    void cublas() throws IOException, InterruptedException {
        List<Path> headers = ForeignHeaders.cudaOrSkip("cublas_api.h");
        String source = AbiProbe.source(Cublas.class, "abi_cublas.h");

        assertThat(source).contains("function<decltype(cublasGemmEx)", "(CUBLAS_COMPUTE_64F) == ");
        assertCompiles(compile(source, headers));
    }

    @Test
    void cusolver() throws IOException, InterruptedException {
        List<Path> headers = ForeignHeaders.cudaOrSkip("cusolverDn.h");
        String source = AbiProbe.source(Cusolver.class, "cusolverDn.h");

        assertThat(source).contains("function<decltype(cusolverDnXgesvdr)", "(CUSOLVER_EIG_MODE_VECTOR) == ");
        assertCompiles(compile(source, headers));
    }

    @Test
    void openBlas() throws IOException {
        Path headers = ForeignHeaders.openBlas(folder);
        String source = AbiProbe.source(OpenBlas.class, "openblas.h");

        assertThat(source).contains("function<decltype(LAPACKE_sgesdd_work)", "(CblasRowMajor) == 101");
        assertCompiles(compile(source, List.of(headers)));
    }

    /** Each kind of statement, once made wrong, must be caught: otherwise the tests above prove nothing. */
    @ParameterizedTest
    @ValueSource(strings = {
        "sizeof\\(ingot_operand\\) == (\\d+)",
        "alignof\\(ingot_operand\\) == (\\d+)",
        "offsetof\\(ingot_operand, dtype\\) == (\\d+)",
        "sizeof\\(ingot_operand::dtype\\) == (\\d+)",
        "same_element<decltype\\(ingot_operand::dtype\\), type<INTEGER, (\\d+)>",
        "fields<ingot_operand, (\\d+)>",
        "\\(INGOT_CHUNK\\) == (\\d+)",
        "function<decltype\\(ingot_count_equal\\), type<INTEGER, (\\d+)>",
    })
    void wrongNumberIsCaught(String pattern) throws IOException {
        assertCaught(pattern, match -> Long.toString(Long.parseLong(match.group(1)) + 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "function<decltype\\(ingot_count_equal\\).*(, type<INTEGER, 4>)>\\);",
        "function<decltype\\(ingot_convert\\).*(, type<POINTER, 8>)>\\);",
    })
    void missingParameterIsCaught(String pattern) throws IOException {
        assertCaught(pattern, match -> "");
    }

    private void assertCaught(String pattern, Function<MatchResult, String> wrong) throws IOException {
        String source = AbiProbe.source(IngotNative.class, "ingot/ingot.h");
        MatchResult match = Pattern.compile(pattern).matcher(source).results().findFirst().orElseThrow();
        String changed = source.substring(0, match.start(1)) + wrong.apply(match) + source.substring(match.end(1));

        SystemCompiler.Result result = compile(changed);

        assertThat(result.exitCode()).isNotZero();
        assertThat(result.diagnostics()).contains("assert");
        assertThat(result.diagnostics().lines().filter(line -> line.contains("error:"))).hasSize(1);
    }

    private static void assertCompiles(SystemCompiler.Result result) {
        assertThat(result.exitCode()).as(result.diagnostics()).isZero();
    }

    private SystemCompiler.Result compile(String source) throws IOException {
        return compile(source, List.of());
    }

    private SystemCompiler.Result compile(String source, List<Path> headers) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("-std=c++17", "-fsyntax-only", "-Wno-invalid-offsetof",
                "-I", PROJECT.resolve("native/include").toString(),
                "-I", PROJECT.resolve("cuda/include").toString(),
                "-I", PROJECT.resolve("bindings").toString(),
                "-I", PROBE_HEADER.toString()));
        for (Path folderOfHeaders : headers) {
            arguments.addAll(List.of("-I", folderOfHeaders.toString()));
        }
        arguments.add(Files.writeString(folder.resolve("probe.cpp"), source).toString());
        return compiler.run(arguments);
    }
}

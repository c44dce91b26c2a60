// SPDX-License-Identifier: Apache-2.0
package dev.ingot.ffi;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.AbstractStringAssert;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With libraries that only look like OpenBLAS. */
class OpenBlasLoaderTest {
    private static final NativePlatform PLATFORM = NativePlatform.current();
    private static final String FILE = "libopenblas.so.0";
    private static final String USABLE = """
            static int threads = 64;
            int LAPACKE_sgesdd_work(void) { return 0; }
            const char *openblas_get_config(void) { return "OpenBLAS 0.3.0 DYNAMIC_ARCH"; }
            void openblas_set_num_threads(int count) { threads = count; }
            int openblas_get_num_threads(void) { return threads; }
            """;

    @TempDir
    Path folder;

    @BeforeEach
    void onLinux() {
        assumeTrue(PLATFORM.isLinux64(), "file names are those of Linux");
    }

    @Test
    void fileOfTheEnvironmentIsSetToOneThread() throws Throwable {
        Path file = SystemCompiler.orSkip().library(folder.resolve("any.so"), USABLE);

        SharedLibrary outcome = named(file.toString());

        assertThat(outcome).isInstanceOf(SharedLibrary.Loaded.class);
        assertThat(((SharedLibrary.Loaded) outcome).name()).isEqualTo(file.toString());
        int threads = (int) Linker.nativeLinker()
                .downcallHandle(outcome.symbols().find("openblas_get_num_threads").orElseThrow(),
                        FunctionDescriptor.of(ValueLayout.JAVA_INT))
                .invokeExact();
        assertThat(threads).isEqualTo(1);
    }

    @Test
    void fileThatIsNotThere() {
        Path file = folder.resolve("none.so");

        assertThatReason(named(file.toString())).isEqualTo("INGOT_OPENBLAS is " + file + ", which is no file");
    }

    @Test
    void fileThatIsNoLibrary() throws IOException {
        Path file = Files.writeString(folder.resolve("text.so"), "this is no library");

        assertThatReason(named(file.toString()))
                .startsWith("from INGOT_OPENBLAS: " + file + " cannot be loaded: ")
                .hasLineCount(1);
    }

    @Test
    void libraryWithoutLapacke() {
        Path file = SystemCompiler.orSkip().library(folder.resolve("blas.so"), "int cblas_sgemm(void) { return 0; }");

        assertThatReason(named(file.toString())).isEqualTo(file + " has no LAPACKE_sgesdd_work");
    }

    @Test
    void wideIntegersAreRefused() {
        Path file = SystemCompiler.orSkip().library(
                folder.resolve("wide.so"), USABLE.replace("DYNAMIC_ARCH", "USE64BITINT DYNAMIC_ARCH"));

        assertThatReason(named(file.toString())).startsWith(file + " counts in 64-bit integers");
    }

    @Test
    void bundledLibraryIsCopiedWithWhatItNeeds() throws IOException {
        Path files = Files.createDirectory(folder.resolve("bundled"));
        SystemCompiler compiler = SystemCompiler.orSkip();
        compiler.library(files.resolve("libgfortran.so.5"), "int ingot_test_fortran(void) { return 7; }");
        compiler.library(files.resolve(FILE), USABLE);

        SharedLibrary outcome = bundled(files);

        assertThat(outcome).isInstanceOf(SharedLibrary.Loaded.class);
        Path copy = Path.of(((SharedLibrary.Loaded) outcome).name());
        assertThat(copy).startsWith(folder.resolve("cache")).hasSameBinaryContentAs(files.resolve(FILE));
        assertThat(copy.resolveSibling("libgfortran.so.5"))
                .hasSameBinaryContentAs(files.resolve("libgfortran.so.5"));
    }

    @Test
    void whereNothingIsBundledTheReasonNamesBothPlaces() {
        NativePlatform other = new NativePlatform("windows", "riscv64");

        assertThatReason(new OpenBlasLoader(name -> null, other, name -> null, new LibraryCache(List.of())).open())
                .isEqualTo("there is no OpenBLAS for windows-riscv64 on the class path; "
                        + "the dynamic linker finds no libopenblas.dll");
    }

    @Test
    void noFolderForTheCopy() throws IOException {
        URL resource = Files.writeString(folder.resolve("x"), "x").toUri().toURL();
        NativePlatform windows = new NativePlatform("windows", "x86_64");

        assertThatReason(new OpenBlasLoader(name -> null, windows, name -> resource, new LibraryCache(List.of())).open())
                .startsWith("no folder to copy the bundled OpenBLAS to: none is configured; ");
    }

    @Test
    void foldersOfTheJars() {
        assertThat(OpenBlasLoader.bytedeco(new NativePlatform("linux", "aarch64"))).isEqualTo("linux-arm64");
        assertThat(OpenBlasLoader.bytedeco(new NativePlatform("macos", "x86_64"))).isEqualTo("macosx-x86_64");
        assertThat(OpenBlasLoader.bytedeco(new NativePlatform("windows", "x86_64"))).isEqualTo("windows-x86_64");
    }

    private SharedLibrary named(String path) {
        return new OpenBlasLoader(Map.of(OpenBlasLibrary.VARIABLE, path)::get, PLATFORM,
                name -> null, new LibraryCache(List.of())).open();
    }

    private SharedLibrary bundled(Path files) {
        return new OpenBlasLoader(name -> null, PLATFORM, name -> Optional.of(name)
                        .filter(it -> it.startsWith("org/bytedeco/openblas/" + OpenBlasLoader.bytedeco(PLATFORM) + "/"))
                        .map(it -> files.resolve(Path.of(it).getFileName()))
                        .filter(Files::isRegularFile)
                        .map(it -> url(it.toUri()))
                        .orElse(null),
                new LibraryCache(List.of(folder.resolve("cache")))).open();
    }

    private static URL url(URI uri) {
        try {
            return uri.toURL();
        } catch (MalformedURLException e) {
            throw new AssertionError(e);
        }
    }

    private static AbstractStringAssert<?> assertThatReason(SharedLibrary outcome) {
        return assertThat(outcome)
                .isInstanceOf(SharedLibrary.Unavailable.class)
                .extracting(it -> ((SharedLibrary.Unavailable) it).reason(), as(InstanceOfAssertFactories.STRING));
    }
}

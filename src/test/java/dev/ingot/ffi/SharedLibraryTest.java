// SPDX-License-Identifier: Apache-2.0
package dev.ingot.ffi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharedLibraryTest {
    private static final String VARIABLE = "TEST_LIBRARY";
    private static final String LIBC = "libc.so.6";

    @TempDir
    private Path folder;

    private static SharedLibrary open(Map<String, String> environment, String... names) {
        return SharedLibrary.open(VARIABLE, List.of(names), environment::get);
    }

    private static String reason(SharedLibrary outcome) {
        assertThat(outcome).isInstanceOf(SharedLibrary.Unavailable.class);
        assertThat(outcome.symbols().find("getpid")).isEmpty();
        return ((SharedLibrary.Unavailable) outcome).reason();
    }

    @Test
    void theFirstOneThatIsThereIsOpened() {
        SharedLibrary outcome = open(Map.of(VARIABLE, " "), "libnothing.so.9", LIBC);
        assertThat(outcome).isInstanceOfSatisfying(
                SharedLibrary.Loaded.class, loaded -> assertThat(loaded.name()).isEqualTo(LIBC));
        assertThat(outcome.symbols().find("getpid")).isPresent();
    }

    @Test
    void noneIsThere() {
        assertThat(reason(open(Map.of(), "libnothing.so.9", "libnothing.so.8")))
                .isEqualTo("the dynamic linker finds no libnothing.so.9 or libnothing.so.8");
    }

    @Test
    void aNamedFileIsNotReplaced() throws IOException {
        Path missing = folder.resolve("missing.so");
        assertThat(reason(open(Map.of(VARIABLE, missing.toString()), LIBC)))
                .isEqualTo("TEST_LIBRARY is " + missing + ", which is no file");
        Path text = Files.writeString(folder.resolve("text.so"), "no library");
        assertThat(reason(open(Map.of(VARIABLE, text.toString()), LIBC)))
                .startsWith("from TEST_LIBRARY: " + text + " cannot be loaded: ");
        assertThat(reason(open(Map.of(VARIABLE, "\0"), LIBC))).startsWith("TEST_LIBRARY is not a path: ");
    }

    @Test
    void aNamedFileIsOpened() {
        Path library = SystemCompiler.orSkip().library(folder.resolve("own.so"), "int own(void) { return 7; }");
        assertThat(open(Map.of(VARIABLE, library.toString())).symbols().find("own")).isPresent();
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.ffi;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ingot.ffi.nativelib.IngotNative;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.AbstractStringAssert;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeLibraryTest {
    private static final NativePlatform PLATFORM = NativePlatform.current();
    private static final String FILE = PLATFORM.libraryFile("ingot");
    private static final String NATIVE_ACCESS = "--enable-native-access=ALL-UNNAMED";

    @TempDir
    Path folder;

    @Test
    void loadsFromTheFolderOfTheEnvironment() throws Exception {
        Path library = SystemCompiler.orSkip().library(folder.resolve(FILE), version(IngotNative.INGOT_ABI_VERSION()));

        assertThat(FreshJvm.run(List.of(NATIVE_ACCESS), Map.of(NativeLibrary.DIRECTORY_VARIABLE, folder.toString())))
                .startsWith(
                        "Loaded[path=" + library + "]", "version " + IngotNative.INGOT_ABI_VERSION(), "again true");
    }

    @Test
    void loadsACopyOfTheResource() throws Exception {
        Path classes = folder.resolve("classes");
        Path resource = SystemCompiler.orSkip().library(
                classes.resolve("dev/ingot/native/" + PLATFORM).resolve(FILE),
                version(IngotNative.INGOT_ABI_VERSION()));
        Path cache = folder.resolve("cache");

        List<String> lines = FreshJvm.run(
                List.of(NATIVE_ACCESS), Map.of("XDG_CACHE_HOME", cache.toString()), classes);

        assertThat(lines.getFirst()).startsWith("Loaded[path=" + cache.resolve("ingot/native")).endsWith(FILE + "]");
        assertThat(lines.get(1)).isEqualTo("version " + IngotNative.INGOT_ABI_VERSION());
        Path copy = Path.of(lines.getFirst().substring("Loaded[path=".length(), lines.getFirst().length() - 1));
        assertThat(copy).hasSameBinaryContentAs(resource);
    }

    @Test
    void withoutNativeAccessTheReasonNamesTheFlag() throws Exception {
        assertThat(FreshJvm.run(List.of(), Map.of()))
                .containsExactly(
                        "Unavailable[reason=native access is not enabled: start Java with " + NATIVE_ACCESS + "]",
                        "posix false");
    }

    @Test
    void missingResource() {
        assertThatReason(bundled(null)).isEqualTo("this build of Ingot has no native library for " + PLATFORM);
    }

    @Test
    void folderWithoutTheLibrary() {
        assertThatReason(inFolder()).isEqualTo("INGOT_NATIVE_DIR is " + folder + ", which has no " + FILE);
    }

    @Test
    void otherVersionIsRefused() {
        SystemCompiler.orSkip().library(folder.resolve(FILE), version(99));

        assertThatReason(inFolder()).isEqualTo(
                folder.resolve(FILE) + " has ABI version 99, needed is " + IngotNative.INGOT_ABI_VERSION());
    }

    @Test
    void someOtherLibraryIsRefused() {
        SystemCompiler.orSkip().library(folder.resolve(FILE), "int unrelated(void) { return 1; }");

        assertThatReason(inFolder()).isEqualTo(folder.resolve(FILE) + " is not Ingot's: it has no ingot_abi_version");
    }

    @Test
    void brokenFileIsRefusedWithTheLinkersWords() throws IOException {
        Files.writeString(folder.resolve(FILE), "this is no library, whatever its name says");

        assertThatReason(inFolder()).startsWith(folder.resolve(FILE) + " cannot be loaded: ").hasLineCount(1);
    }

    @Test
    void brokenResourceIsRefused() {
        assertThatReason(bundled(new byte[100])).startsWith(folder.toString()).contains(" cannot be loaded: ");
    }

    @Test
    void noFolderForTheCopy() throws IOException {
        Path blocked = Files.createFile(folder.resolve("file"));
        NativeLibrary outcome = new NativeLibraryLoader(name -> null, PLATFORM,
                name -> new ByteArrayInputStream(new byte[1]), new LibraryCache(List.of(blocked))).open();

        assertThatReason(outcome).startsWith("no folder to copy the native library to: ").contains(blocked.toString());
    }

    @Test
    void platformNames() {
        assertThat(NativePlatform.of("Linux", "amd64")).hasToString("linux-x86_64");
        assertThat(NativePlatform.of("Linux", "aarch64")).hasToString("linux-aarch64");
        assertThat(NativePlatform.of("Mac OS X", "aarch64")).hasToString("macos-aarch64");
        assertThat(NativePlatform.of("Mac OS X", "aarch64").libraryFile("ingot")).isEqualTo("libingot.dylib");
        assertThat(NativePlatform.of("Windows 11", "amd64").libraryFile("ingot")).isEqualTo("ingot.dll");
        assertThat(NativePlatform.of("Linux", "amd64").libraryFile("ingot")).isEqualTo("libingot.so");
    }

    private NativeLibrary inFolder() {
        return new NativeLibraryLoader(Map.of(NativeLibrary.DIRECTORY_VARIABLE, folder.toString())::get, PLATFORM,
                name -> null, new LibraryCache(List.of())).open();
    }

    private NativeLibrary bundled(byte[] content) {
        String expected = "/dev/ingot/native/" + PLATFORM + "/" + FILE;
        return new NativeLibraryLoader(name -> null, PLATFORM,
                name -> content == null || !name.equals(expected) ? null : new ByteArrayInputStream(content),
                new LibraryCache(List.of(folder.resolve("cache")))).open();
    }

    private static AbstractStringAssert<?> assertThatReason(NativeLibrary outcome) {
        return assertThat(outcome)
                .isInstanceOf(NativeLibrary.Unavailable.class)
                .extracting(it -> ((NativeLibrary.Unavailable) it).reason(), as(InstanceOfAssertFactories.STRING));
    }

    private static String version(int version) {
        return "int ingot_abi_version(void) { return " + version + "; }";
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.ffi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibraryCacheTest {
    private static final byte[] CONTENT = "abc".getBytes(StandardCharsets.UTF_8);
    /** SHA-256 of "abc": the first example of FIPS 180-2, appendix B. */
    private static final String HASH = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    private static final long CRC = 0x352441c2L;
    private static final FileTime LONG_AGO = FileTime.fromMillis(1_000_000_000_000L);

    @TempDir
    Path folder;

    @Test
    void copyLiesInAPrivateFolderNamedByItsHash() throws IOException {
        Path root = folder.resolve("a/b");

        Path file = new LibraryCache(List.of(root)).store(CONTENT, "libx.so");

        assertThat(file).isEqualTo(root.resolve(HASH).resolve("libx.so")).hasBinaryContent(CONTENT);
        assertThat(listing(file.getParent())).containsExactly("libx.so");
        if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(root))).isEqualTo("rwx------");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())))
                    .isEqualTo("rwx------");
        }
    }

    @Test
    void sameContentIsReused() throws IOException {
        LibraryCache cache = new LibraryCache(List.of(folder.resolve("cache")));
        Path first = cache.store(CONTENT, "libx.so");
        Files.setLastModifiedTime(first, LONG_AGO);

        Path second = cache.store(CONTENT, "libx.so");

        assertThat(second).isEqualTo(first);
        assertThat(Files.getLastModifiedTime(second)).isEqualTo(LONG_AGO);
        assertThat(listing(first.getParent())).containsExactly("libx.so");
    }

    @Test
    void corruptedCopyIsReplaced() throws IOException {
        LibraryCache cache = new LibraryCache(List.of(folder.resolve("cache")));
        Path first = cache.store(CONTENT, "libx.so");
        Files.writeString(first, "abd");

        assertThat(cache.store(CONTENT, "libx.so")).isEqualTo(first).hasBinaryContent(CONTENT);
    }

    @Test
    void nextRootIsTakenWhenOneCannotBeUsed() throws IOException {
        Path blocked = Files.writeString(folder.resolve("file"), "not a folder");
        Path good = folder.resolve("good");

        assertThat(new LibraryCache(List.of(blocked, good)).store(CONTENT, "libx.so")).startsWith(good);
        assertThatThrownBy(() -> new LibraryCache(List.of(blocked)).store(CONTENT, "libx.so"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(blocked.toString());
    }

    @Test
    void folderThatOthersCanWriteIsNotUsed() throws IOException {
        assumeTrue(FileSystems.getDefault().supportedFileAttributeViews().contains("posix"), "needs POSIX permissions");
        Path shared = Files.createDirectory(folder.resolve("shared"));
        Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxrwxrwx"));

        assertThatThrownBy(() -> new LibraryCache(List.of(shared)).store(CONTENT, "libx.so"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("can be written by others");
        assertThat(listing(shared.resolve(HASH))).isEmpty();
    }

    @Test
    void bundleIsUnpackedOnceAndMendedWhenDamaged() throws IOException {
        LibraryCache cache = new LibraryCache(List.of(folder.resolve("cache")));
        AtomicInteger opened = new AtomicInteger();
        LibraryCache.Content content = () -> {
            opened.incrementAndGet();
            return new ByteArrayInputStream(CONTENT);
        };
        List<LibraryCache.Part> parts = List.of(new LibraryCache.Part("liba.so", 3, CRC, content),
                new LibraryCache.Part("libb.so", 3, CRC, content));

        Path first = cache.storeAll(parts);
        assertThat(listing(first)).containsExactlyInAnyOrder("liba.so", "libb.so");
        assertThat(cache.storeAll(parts)).isEqualTo(first);
        assertThat(opened).hasValue(2);

        Files.writeString(first.resolve("libb.so"), "abd");
        assertThat(cache.storeAll(parts).resolve("libb.so")).hasBinaryContent(CONTENT);
        assertThat(opened).hasValue(3);
        assertThat(cache.storeAll(parts.subList(0, 1))).isNotEqualTo(first);
    }

    @Test
    void standardRootsFollowTheEnvironment() {
        Path home = Path.of(System.getProperty("user.home"), ".cache", "ingot", "native");
        Path absolute = folder.resolve("xdg");

        assertThat(LibraryCache.standard(Map.of("XDG_CACHE_HOME", absolute.toString())::get).roots())
                .startsWith(absolute.resolve("ingot/native"));
        assertThat(LibraryCache.standard(Map.of("XDG_CACHE_HOME", "relative")::get).roots())
                .startsWith(home)
                .hasSize(2);
    }

    private static List<String> listing(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}

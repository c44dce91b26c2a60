// SPDX-License-Identifier: Apache-2.0
package dev.ingot.ffi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ingot.ffi.posix.Libc;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PosixTest {
    private static final int EBADF = 9;

    @TempDir
    Path folder;

    private Posix posix;
    private long page;
    private final Arena arena = Arena.ofConfined();

    @BeforeEach
    void find() {
        assumeTrue(NativePlatform.current().isLinux64(), "the POSIX calls are for 64-bit Linux");
        posix = Posix.find().orElseThrow();
        page = posix.pageSize();
    }

    @AfterEach
    void close() {
        arena.close();
    }

    @Test
    void adviceOnAMappedFileTakesAnyRange() throws IOException {
        byte[] content = new byte[(int) (5 * page)];
        content[(int) page + 1] = 7;
        MemorySegment mapped = map(Files.write(folder.resolve("data"), content), content.length);

        assertThat(posix.madvise(mapped.asSlice(page + 1, page), Libc.MADV_WILLNEED())).isZero();
        assertThat(posix.madvise(mapped.asSlice(3, 5 * page - 7), Libc.MADV_DONTNEED())).isZero();
        assertThat(posix.madvise(mapped.asSlice(3, 0), Libc.MADV_WILLNEED())).isZero();
        assertThat(mapped.get(JAVA_BYTE, page + 1)).isEqualTo((byte) 7);
    }

    @Test
    void unknownAdviceReturnsErrno() throws IOException {
        MemorySegment mapped = map(Files.write(folder.resolve("data"), new byte[(int) page]), page);

        assertThat(posix.madvise(mapped, 12345)).isEqualTo(Libc.EINVAL());
    }

    @Test
    void dontNeedDropsWholePagesOnly() {
        MemorySegment memory = arena.allocate(4 * page, page).fill((byte) 1);

        assertThat(posix.madvise(memory.asSlice(100, 2 * page + 200), Libc.MADV_DONTNEED())).isZero();

        for (long i = 0; i < memory.byteSize(); i++) {
            assertThat(memory.get(JAVA_BYTE, i)).as("byte %d", i).isEqualTo((byte) (i / page == 1 ? 0 : 1));
        }
    }

    @Test
    void heapMemoryIsAMistakeOfTheCaller() {
        assertThatThrownBy(() -> posix.madvise(MemorySegment.ofArray(new byte[9]), Libc.MADV_WILLNEED()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void pagesBecomeResidentWhenRead() throws IOException {
        // More pages than one mincore call asks about; a hole, so that it takes neither disk nor time.
        long pages = (1 << 16) + 3;
        MemorySegment mapped = map(Files.createFile(folder.resolve("sparse")), pages * page);
        assertThat(posix.pageCount(mapped)).isEqualTo(pages);
        assumeFalse(posix.residentPages(mapped) == pages, "this kernel calls every page resident");
        assertThat(posix.residentPages(mapped)).isZero();

        assertThat(mapped.get(JAVA_BYTE, (pages - 1) * page)).isZero();

        assertThat(posix.residentPages(mapped.asSlice((pages - 1) * page))).isEqualTo(1);
        assertThat(posix.residentPages(mapped)).isBetween(1L, pages / 2);
    }

    @Test
    void pagesAreCountedFromBothEnds() throws IOException {
        MemorySegment mapped = map(Files.write(folder.resolve("data"), new byte[(int) (3 * page)]), 3 * page);
        mapped.asSlice(0, 3 * page).toArray(JAVA_BYTE);

        assertThat(posix.pageCount(mapped.asSlice(page - 1, 2))).isEqualTo(2);
        assertThat(posix.residentPages(mapped.asSlice(page - 1, 2))).isEqualTo(2);
        assertThat(posix.residentPages(mapped.asSlice(page, 0))).isZero();
    }

    @Test
    void fallocateReservesAndReportsErrno() throws IOException {
        Path file = Files.createFile(folder.resolve("data"));
        int descriptor = posix.openForHints(file, Libc.O_RDWR());
        int status = posix.fallocate(descriptor, 0, 10_000);
        assumeFalse(status == Libc.EOPNOTSUPP(), "this file system cannot reserve");

        assertThat(status).isZero();
        assertThat(file).hasSize(10_000);
        assertThat(posix.fallocate(descriptor, 0, 0)).isEqualTo(Libc.EINVAL());
        assertThat(posix.fallocate(descriptor, 0, Long.MAX_VALUE)).isIn(Libc.EFBIG(), Libc.ENOSPC());
        assertThat(posix.close(descriptor)).isZero();
        assertThat(posix.fallocate(descriptor, 0, 1)).isEqualTo(EBADF);
    }

    @Test
    void writtenBytesAreSyncedAndReadBack() throws IOException {
        Path file = Files.createFile(folder.resolve("data"));
        int descriptor = posix.openForHints(file, Libc.O_RDWR());

        assertThat(posix.pwrite(descriptor, arena.allocateFrom("ingot"), 4)).isEqualTo(6);
        assertThat(posix.syncFileRange(descriptor, 0, 10, Libc.SYNC_FILE_RANGE_WRITE())).isZero();
        assertThat(posix.fdatasync(descriptor)).isZero();
        assertThat(posix.fsync(descriptor)).isZero();
        assertThat(posix.fadvise(descriptor, 0, 0, Libc.POSIX_FADV_DONTNEED())).isZero();
        MemorySegment target = arena.allocate(64);
        assertThat(posix.pread(descriptor, target, 3)).isEqualTo(7);
        assertThat(target.getString(1, StandardCharsets.UTF_8)).isEqualTo("ingot");
        assertThat(posix.pread(descriptor, target, 100)).isZero();
        assertThat(posix.close(descriptor)).isZero();
    }

    @Test
    void errorsReturnErrno() {
        Path missing = folder.resolve("missing");
        MemorySegment buffer = arena.allocate(1);

        assertThat(posix.openForHints(missing, Libc.O_RDONLY())).isEqualTo(-Libc.ENOENT());
        assertThat(posix.fsyncDirectory(missing)).isEqualTo(Libc.ENOENT());
        assertThat(posix.close(-1)).isEqualTo(EBADF);
        assertThat(posix.fsync(-1)).isEqualTo(EBADF);
        assertThat(posix.fdatasync(-1)).isEqualTo(EBADF);
        assertThat(posix.syncFileRange(-1, 0, 0, 0)).isEqualTo(EBADF);
        assertThat(posix.fadvise(-1, 0, 0, Libc.POSIX_FADV_NORMAL())).isEqualTo(EBADF);
        assertThat(posix.pread(-1, buffer, 0)).isEqualTo(-EBADF);
        assertThat(posix.pwrite(-1, buffer, 0)).isEqualTo(-EBADF);
    }

    @Test
    void directoryNamesCanBeMadeDurable() {
        assertThat(posix.fsyncDirectory(folder)).isZero();
    }

    @Test
    void fileSystemsAreToldApart() {
        // PROC_SUPER_MAGIC of linux/magic.h.
        assertThat(posix.fileSystemType(Path.of("/proc"))).isEqualTo(0x9fa0);
        assertThat(posix.isRemote(Path.of("/proc"))).isFalse();
        assertThat(posix.fileSystemType(folder.resolve("missing"))).isZero();
        assertThat(posix.isRemote(folder.resolve("missing"))).isFalse();
    }

    private MemorySegment map(Path file, long size) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return channel.map(FileChannel.MapMode.READ_WRITE, 0, size, arena);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ingot.error.CheckpointException;
import dev.ingot.error.InterruptedMergeException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class WeightFileTest {
    private static final int DATA = 1 << 20;

    @TempDir
    private Path folder;
    private SafetensorsHeader header;

    static Stream<Function<SafetensorsHeader, WeightFile>> ways() {
        return Stream.of(WeightFile::map, WeightFile::open);
    }

    @BeforeEach
    void writeFile() throws IOException {
        Path file = folder.resolve("w.safetensors");
        TestFiles.write(file, "{\"w\":{\"dtype\":\"U8\",\"shape\":[" + DATA + "],\"data_offsets\":[0," + DATA + "]}}",
                DATA);
        header = SafetensorsHeaderReader.read(file);
    }

    @ParameterizedTest
    @MethodSource("ways")
    void readsAnyRangeFromManyThreads(Function<SafetensorsHeader, WeightFile> way) throws Exception {
        try (WeightFile file = way.apply(header); ExecutorService threads = Executors.newFixedThreadPool(4)) {
            assertThat(file.size()).isEqualTo(header.fileSize());
            assertThat(file.file()).isEqualTo(header.file());
            List<Future<?>> reads = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                int begin = i * 5001;
                reads.add(threads.submit(() -> assertReads(file, begin, begin % 4099)));
            }
            for (Future<?> read : reads) {
                read.get();
            }
            assertReads(file, 0, DATA);
            assertReads(file, DATA, 0);
        }
    }

    private void assertReads(WeightFile file, int begin, int length) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment into = arena.allocate(Math.max(length, 1)).asSlice(0, length);
            file.read(header.dataStart() + begin, into);
            for (int i = 0; i < length; i++) {
                if (into.get(ValueLayout.JAVA_BYTE, i) != (byte) (begin + i)) {
                    throw new AssertionError("byte " + (begin + i));
                }
            }
        }
    }

    @Test
    void aViewIsTheFileItselfAndReadOnly() {
        try (MappedWeightFile file = WeightFile.map(header)) {
            MemorySegment view = file.view(header.dataStart() + 3, 100);
            assertThat(view.byteSize()).isEqualTo(100);
            assertThat(view.get(ValueLayout.JAVA_BYTE, 7)).isEqualTo((byte) 10);
            assertThat(view.isReadOnly()).isTrue();
            assertThatExceptionOfType(IndexOutOfBoundsException.class)
                    .isThrownBy(() -> file.view(file.size() - 1, 2));
        }
    }

    @Test
    void aViewEndsWithItsFile() {
        MappedWeightFile file = WeightFile.map(header);
        MemorySegment view = file.view(0, 8);
        file.close();
        file.close();
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> view.get(ValueLayout.JAVA_BYTE, 0));
    }

    @ParameterizedTest
    @MethodSource("ways")
    void rangesOutsideTheFileAreProgrammingErrors(Function<SafetensorsHeader, WeightFile> way) {
        try (WeightFile file = way.apply(header); Arena arena = Arena.ofConfined()) {
            MemorySegment into = arena.allocate(8);
            assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> file.read(-1, into));
            assertThatExceptionOfType(IndexOutOfBoundsException.class)
                    .isThrownBy(() -> file.read(file.size() - 7, into));
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void aFileThatChangedSinceItsHeaderWasReadIsRefused(Function<SafetensorsHeader, WeightFile> way)
            throws IOException {
        resize(header.fileSize() - 1);
        assertThatThrownBy(() -> way.apply(header)).isInstanceOf(CheckpointException.class)
                .hasMessage(header.file() + ": file has " + (header.fileSize() - 1) + " bytes, but had "
                        + header.fileSize() + " when its header was read");
        Files.delete(header.file());
        assertThatThrownBy(() -> way.apply(header)).isInstanceOf(CheckpointException.class)
                .hasMessage(header.file() + ": no such file");
    }

    @ParameterizedTest
    @MethodSource("ways")
    void aFileShortenedUnderTheReaderIsAnErrorNotACrash(Function<SafetensorsHeader, WeightFile> way)
            throws IOException {
        try (WeightFile file = way.apply(header); Arena arena = Arena.ofConfined()) {
            resize(DATA / 2);
            MemorySegment into = arena.allocate(DATA / 2);
            assertThatThrownBy(() -> file.read(header.dataStart() + DATA / 4, into))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageStartingWith(header.file() + ": ")
                    .hasMessageContaining("offset ");
            file.read(header.dataStart(), into.asSlice(0, 1000));
            assertThat(into.get(ValueLayout.JAVA_BYTE, 999)).isEqualTo((byte) 999);
        }
    }

    @Test
    void aPendingInterruptLeavesTheFileOpenForOthers() {
        try (WeightFile file = WeightFile.open(header); Arena arena = Arena.ofConfined()) {
            MemorySegment into = arena.allocate(8);
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> file.read(0, into)).isInstanceOf(InterruptedMergeException.class)
                    .hasMessageContaining("interrupted");
            assertThat(Thread.interrupted()).isTrue();
            file.read(0, into);
        }
    }

    private void resize(long size) throws IOException {
        try (RandomAccessFile out = new RandomAccessFile(header.file().toFile(), "rw")) {
            out.setLength(size);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.checkpoint.SafetensorsLayout;
import dev.ingot.checkpoint.Shape;
import dev.ingot.checkpoint.TensorSpec;
import dev.ingot.ffi.Posix;
import dev.ingot.plan.PlannedShard;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files put together in chunks have every byte in its place, whatever their size and the number of buffers. */
class OutputShardTest {
    private static final int CHUNK = 1 << 16;

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void severalFilesShareBuffersAlthoughTheirLastChunksAreShort(boolean hints) throws IOException {
        Optional<Posix> posix = hints ? Posix.find() : Optional.empty();
        AtomicLong written = new AtomicLong();
        long[] sizes = {1, CHUNK - 1, CHUNK, 3 * CHUNK + 4097, 5 * CHUNK + 1};
        try (ChunkBuffers buffers = new ChunkBuffers(CHUNK, 2);
                ShardWriter writer = new ShardWriter()) {
            for (int file = 0; file < sizes.length; file++) {
                PlannedShard planned = planned("file" + file, sizes[file]);
                try (OutputShard shard = OutputShard.create(directory, planned, posix, buffers, writer)) {
                    fill(shard, planned, written);
                    waitFor(written, sizes, file);
                    shard.commit();
                }
            }
        }
        for (int file = 0; file < sizes.length; file++) {
            byte[] header = planned("file" + file, sizes[file]).layout().header();
            byte[] bytes = Files.readAllBytes(directory.resolve("file" + file));
            assertThat(bytes).hasSize(header.length + (int) sizes[file]).startsWith(header);
            for (int i = header.length; i < bytes.length; i++) {
                assertThat(bytes[i]).isEqualTo(value(i));
            }
        }
    }

    private static PlannedShard planned(String name, long bytes) {
        return new PlannedShard(
                name, SafetensorsLayout.of(List.of(new TensorSpec("t", Dtype.U8, Shape.of(bytes)))));
    }

    /** Backwards, because workers may finish in any order. */
    private static void fill(OutputShard shard, PlannedShard planned, AtomicLong written) {
        long first = planned.layout().dataStart();
        for (long end = planned.layout().fileSize(); end > first; ) {
            long start = Math.max(first, (end - 1) / CHUNK * CHUNK);
            MemorySegment part = shard.reserve(start, end - start);
            for (long i = 0; i < part.byteSize(); i++) {
                part.set(ValueLayout.JAVA_BYTE, i, value(start + i));
            }
            shard.filled(start, end - start, written::addAndGet);
            end = start;
        }
    }

    private static void waitFor(AtomicLong written, long[] sizes, int last) {
        long wanted = 0;
        for (int i = 0; i <= last; i++) {
            wanted += sizes[i];
        }
        while (written.get() < wanted) {
            Thread.onSpinWait();
        }
    }

    private static byte value(long position) {
        return (byte) (position * 31 + (position >> 8));
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.checkpoint;

import dev.ingot.error.CheckpointException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/** A weight file mapped into memory, read-only. The file descriptor is closed at once; only the mapping stays. */
public final class MappedWeightFile implements WeightFile {
    private final Path file;
    private final Arena arena;
    private final MemorySegment mapping;

    private MappedWeightFile(Path file, Arena arena, MemorySegment mapping) {
        this.file = file;
        this.arena = arena;
        this.mapping = mapping;
    }

    static MappedWeightFile open(Path file, long expectedSize) {
        FileFaults.requireRegularFile(file);
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            FileFaults.requireSize(file, channel, expectedSize);
            return new MappedWeightFile(file, arena,
                    channel.map(FileChannel.MapMode.READ_ONLY, 0, expectedSize, arena));
        } catch (IOException e) {
            arena.close();
            throw FileFaults.unreadable(file, e);
        } catch (RuntimeException | Error e) {
            arena.close();
            throw e;
        }
    }

    @Override
    public Path file() {
        return file;
    }

    @Override
    public long size() {
        return mapping.byteSize();
    }

    /**
     * The mapped bytes themselves, valid until {@link #close()}. Nothing is copied and nothing is checked later: should
     * another program shorten the file, an access to the lost pages raises SIGBUS, against which kernels are guarded and
     * other native code is not. Use {@link ChannelWeightFile} for files that are not at rest.
     *
     * @param offset where to begin, in bytes
     * @param length number of bytes
     * @throws IndexOutOfBoundsException if the range is not within {@link #size()}
     */
    public MemorySegment view(long offset, long length) {
        return mapping.asSlice(offset, length);
    }

    @Override
    public void read(long offset, MemorySegment into) {
        Objects.checkFromIndexSize(offset, into.byteSize(), size());
        try {
            MemorySegment.copy(mapping, offset, into, 0, into.byteSize());
            // Compiled code is told of the fault later, at the end of a native call for instance: here, not somewhere behind.
            Thread.yield();
        } catch (InternalError e) {
            // The JVM turns SIGBUS in its own copy loops into this error.
            throw new CheckpointException(
                    Printable.path(file) + ": no data at offset " + offset + " to " + (offset + into.byteSize())
                            + " although the file had " + size() + " bytes when it was opened",
                    "Another program shortened the file, or the disk failed; restore the file, then try again.", e);
        }
    }

    /**
     * Unmaps the file.
     *
     * @throws IllegalStateException if native code still works on a view
     */
    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.ffi.Posix;
import dev.ingot.ffi.posix.Libc;
import dev.ingot.plan.PlannedShard;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * An output file under its temporary name: preallocated, written at positions by any thread, synced at the end. Its name
 * becomes final only with {@link #commit}.
 */
final class OutputShard implements AutoCloseable {
    static final String SUFFIX = ".tmp";

    private final Path temporary;
    private final Path path;
    private final FileChannel channel;
    private final Writeback writeback;

    private OutputShard(Path temporary, Path path, FileChannel channel, Writeback writeback) {
        this.temporary = temporary;
        this.path = path;
        this.channel = channel;
        this.writeback = writeback;
    }

    /** Creates the file with its header and full size, or opens what an interrupted run left. */
    static OutputShard open(Path directory, PlannedShard shard, Optional<Posix> posix) {
        Path path = directory.resolve(shard.fileName());
        Path temporary = directory.resolve(shard.fileName() + SUFFIX);
        long size = shard.layout().fileSize();
        try {
            FileChannel channel = FileChannel.open(
                    temporary, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            Writeback writeback = null;
            try {
                writeback = Writeback.open(temporary, size, posix);
                writeback.allocate(size);
                if (channel.size() > size) {
                    channel.truncate(size);
                }
                OutputShard opened = new OutputShard(temporary, path, channel, writeback);
                opened.write(0, ByteBuffer.wrap(shard.layout().header()));
                return opened;
            } catch (IOException | RuntimeException e) {
                if (writeback != null) {
                    writeback.close();
                }
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw OutputFaults.failed(temporary, e);
        }
    }

    /** Writes bytes at a position. */
    void write(long position, MemorySegment data) {
        try {
            write(position, data.asByteBuffer());
            writeback.written(position, data.byteSize());
        } catch (IOException e) {
            throw OutputFaults.failed(temporary, e);
        }
    }

    /** Reads bytes back. */
    void read(long position, MemorySegment into) {
        ByteBuffer buffer = into.asByteBuffer();
        long at = position;
        try {
            while (buffer.hasRemaining()) {
                int n = channel.read(buffer, at);
                if (n < 0) {
                    throw new EOFException("the file is shorter than it was allocated");
                }
                at += n;
            }
        } catch (IOException e) {
            throw OutputFaults.failed(temporary, e);
        }
    }

    private void write(long position, ByteBuffer buffer) throws IOException {
        long at = position;
        while (buffer.hasRemaining()) {
            at += channel.write(buffer, at);
        }
    }

    /** Makes the content durable. */
    void sync() {
        try {
            channel.force(true);
        } catch (IOException e) {
            throw OutputFaults.failed(temporary, e);
        }
    }

    /** Gives the file its final name; what it held before is replaced. */
    void commit() {
        DurableFiles.rename(temporary, path);
    }

    @Override
    public void close() {
        if (!channel.isOpen()) {
            return;
        }
        try {
            writeback.close();
            channel.close();
        } catch (IOException e) {
            throw OutputFaults.failed(temporary, e);
        }
    }

    /** Removes the temporary file. */
    void delete() {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            throw OutputFaults.failed(temporary, e);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.checkpoint;

import dev.ingot.error.InterruptedMergeException;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/**
 * A weight file read by position ({@code pread}). A shortened file ends in an error, never in a dead process.
 *
 * <p>Do not interrupt threads that read: Java closes a channel under an interrupted read, for all threads. Stop them
 * with a flag between reads. An interrupt that is already pending is answered before the channel is touched; one that
 * strikes during a read makes this and all later reads of the file end with {@link InterruptedMergeException}.
 */
public final class ChannelWeightFile implements WeightFile {
    /** A read system call moves at most 2 GiB less a page. */
    private static final long MAX_READ = 1L << 30;

    private final Path file;
    private final FileChannel channel;
    private final long size;

    private ChannelWeightFile(Path file, FileChannel channel, long size) {
        this.file = file;
        this.channel = channel;
        this.size = size;
    }

    static ChannelWeightFile open(Path file, long expectedSize) {
        FileFaults.requireRegularFile(file);
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
            ChannelWeightFile opened = new ChannelWeightFile(file, channel, expectedSize);
            try {
                FileFaults.requireSize(file, channel, expectedSize);
                return opened;
            } catch (IOException | RuntimeException e) {
                opened.close();
                throw e;
            }
        } catch (IOException e) {
            throw FileFaults.unreadable(file, e);
        }
    }

    @Override
    public Path file() {
        return file;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public void read(long offset, MemorySegment into) {
        Objects.checkFromIndexSize(offset, into.byteSize(), size);
        if (Thread.currentThread().isInterrupted()) {
            throw FileFaults.unreadable(file, new ClosedByInterruptException());
        }
        try {
            for (long done = 0; done < into.byteSize();) {
                long length = Math.min(into.byteSize() - done, MAX_READ);
                ByteBuffer buffer = into.asSlice(done, length).asByteBuffer();
                int read = channel.read(buffer, offset + done);
                if (read < 0) {
                    throw new EOFException("no byte at offset " + (offset + done) + ", expected " + size + " bytes");
                }
                done += read;
            }
        } catch (IOException e) {
            throw FileFaults.unreadable(file, e);
        }
    }

    /** Closes the file; reads of other threads must have ended. */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw FileFaults.unreadable(file, e);
        }
    }
}

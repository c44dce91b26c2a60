// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.ffi.Posix;
import dev.ingot.plan.PlannedShard;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An output file under its temporary name, put together in chunks of equal size: results are computed straight into a chunk's
 * buffer, and a chunk that is full is handed to the writers. Its name becomes final only with {@link #commit}. Thread-safe.
 */
final class OutputShard implements AutoCloseable {
    static final String SUFFIX = ".tmp";

    private final Path temporary;
    private final Path path;
    private final MemorySegment header;
    private final long size;
    private final Optional<Posix> posix;
    private final ChunkBuffers buffers;
    private final ShardWriter writer;
    private OutputChannel channel;
    private long unwritten;
    private final Map<Long, Chunk> open = new HashMap<>();

    /** Hears that bytes have been written to the file. */
    @FunctionalInterface
    interface Contributor {
        /** Called on a writer thread. */
        void written(long bytes);
    }

    /** Guarded by the shard, except the content of the buffer. */
    private static final class Chunk {
        final MemorySegment buffer;
        final MemorySegment content;
        final List<Contribution> contributions = new ArrayList<>();
        long missing;

        /** @param length of the chunk, which only the last one of a file does not share with its buffer */
        Chunk(MemorySegment buffer, long length) {
            this.buffer = buffer;
            this.content = buffer.asSlice(0, length);
            this.missing = length;
        }
    }

    private record Contribution(Contributor contributor, long bytes) {}

    private OutputShard(Path directory, PlannedShard planned, Optional<Posix> posix, ChunkBuffers buffers, ShardWriter writer) {
        this.temporary = directory.resolve(planned.fileName() + SUFFIX);
        this.path = directory.resolve(planned.fileName());
        this.header = MemorySegment.ofArray(planned.layout().header());
        this.size = planned.layout().fileSize();
        this.unwritten = size;
        this.posix = posix;
        this.buffers = buffers;
        this.writer = writer;
    }

    /**
     * Creates the file in its full size, or keeps what an interrupted run left. It stays closed until it is needed, since there
     * may be more shards than a process may have open.
     */
    static OutputShard create(
            Path directory, PlannedShard planned, Optional<Posix> posix, ChunkBuffers buffers, ShardWriter writer) {
        OutputShard shard = new OutputShard(directory, planned, posix, buffers, writer);
        shard.channel();
        try {
            shard.writeHeaderChunks();
            return shard;
        } finally {
            shard.close();
        }
    }

    private synchronized OutputChannel channel() {
        if (channel == null) {
            try {
                channel = OutputChannel.open(temporary, size, posix);
            } catch (IOException e) {
                throw OutputFaults.failed(temporary, e);
            }
        }
        return channel;
    }

    /** Writes the chunks that hold nothing but header; in others the header is put when they are opened. */
    private void writeHeaderChunks() {
        long index = 0;
        while (index * buffers.size() < size && chunkEnd(index) <= header.byteSize()) {
            long start = index * buffers.size();
            MemorySegment buffer = buffers.acquire();
            try {
                MemorySegment content = buffer.asSlice(0, chunkEnd(index) - start);
                content.copyFrom(header.asSlice(start, content.byteSize()));
                channel().write(start, content);
                wrote(content.byteSize());
            } catch (IOException e) {
                throw OutputFaults.failed(temporary, e);
            } finally {
                buffers.release(buffer);
            }
            index++;
        }
    }

    private long chunkEnd(long index) {
        return Math.min(size, (index + 1) * buffers.size());
    }

    /** Counts bytes that are in their place. A file with all of them is made durable and closed at once. */
    private void wrote(long bytes) {
        synchronized (this) {
            unwritten -= bytes;
            if (unwritten > 0) {
                return;
            }
        }
        sync();
        close();
    }

    /** Counts bytes that an interrupted run had put in their place. */
    void kept(long bytes) {
        wrote(bytes);
    }

    /** Size of all chunks but the last. */
    long chunkSize() {
        return buffers.size();
    }

    /**
     * Where to compute bytes of the file. Every byte must be reserved once, filled, and then {@linkplain #filled reported}.
     *
     * @param position start in the file
     * @param bytes    at most up to the end of the chunk
     */
    MemorySegment reserve(long position, long bytes) {
        writer.check();
        long index = position / buffers.size();
        return chunk(index).content.asSlice(position - index * buffers.size(), bytes);
    }

    private Chunk chunk(long index) {
        synchronized (this) {
            Chunk chunk = open.get(index);
            if (chunk != null) {
                return chunk;
            }
        }
        // Waits for a buffer outside of the lock, so that others can fill the chunks whose writing frees one.
        MemorySegment buffer = buffers.acquire();
        synchronized (this) {
            Chunk chunk = open.get(index);
            if (chunk != null) {
                buffers.release(buffer);
                return chunk;
            }
            long start = index * buffers.size();
            Chunk opened = new Chunk(buffer, chunkEnd(index) - start);
            if (start < header.byteSize()) {
                MemorySegment rest = header.asSlice(start);
                opened.content.asSlice(0, rest.byteSize()).copyFrom(rest);
                opened.missing -= rest.byteSize();
            }
            open.put(index, opened);
            return opened;
        }
    }

    /** Reports that reserved bytes have been filled. */
    void filled(long position, long bytes, Contributor contributor) {
        long index = position / buffers.size();
        Chunk chunk;
        synchronized (this) {
            chunk = open.get(index);
            chunk.contributions.add(new Contribution(contributor, bytes));
            chunk.missing -= bytes;
            if (chunk.missing > 0) {
                return;
            }
            open.remove(index);
        }
        buffers.writing();
        writer.submit(() -> write(index, chunk));
    }

    private void write(long index, Chunk chunk) {
        try {
            if (writer.failed()) {
                return;
            }
            channel().write(index * buffers.size(), chunk.content);
        } catch (IOException e) {
            throw OutputFaults.failed(temporary, e);
        } finally {
            buffers.written(chunk.buffer);
        }
        wrote(chunk.content.byteSize());
        chunk.contributions.forEach(part -> part.contributor().written(part.bytes()));
    }

    /** Reads bytes back from the file. */
    void read(long position, MemorySegment into) {
        try {
            channel().read(position, into);
        } catch (IOException e) {
            throw OutputFaults.failed(temporary, e);
        }
    }

    /** Makes the content durable; all chunks must have been written. */
    private void sync() {
        try {
            channel().sync();
        } catch (IOException e) {
            throw OutputFaults.failed(temporary, e);
        }
    }

    /** Gives the file its final name; what it held before is replaced. */
    void commit() {
        DurableFiles.rename(temporary, path);
    }

    @Override
    public synchronized void close() {
        if (channel == null) {
            return;
        }
        try {
            channel.close();
        } catch (IOException e) {
            throw OutputFaults.failed(temporary, e);
        } finally {
            channel = null;
        }
    }
}

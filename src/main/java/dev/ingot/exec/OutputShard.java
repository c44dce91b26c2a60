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
    private final long size;
    private final OutputChannel channel;
    private final ChunkBuffers buffers;
    private final ShardWriter writer;
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

    private OutputShard(
            Path temporary, Path path, long size, OutputChannel channel, ChunkBuffers buffers, ShardWriter writer) {
        this.temporary = temporary;
        this.path = path;
        this.size = size;
        this.channel = channel;
        this.buffers = buffers;
        this.writer = writer;
    }

    /** Creates the file with its header and full size, or opens what an interrupted run left. */
    static OutputShard open(
            Path directory, PlannedShard planned, Optional<Posix> posix, ChunkBuffers buffers, ShardWriter writer) {
        Path path = directory.resolve(planned.fileName());
        Path temporary = directory.resolve(planned.fileName() + SUFFIX);
        long size = planned.layout().fileSize();
        try {
            OutputChannel channel = OutputChannel.open(temporary, size, posix);
            OutputShard shard = new OutputShard(temporary, path, size, channel, buffers, writer);
            shard.put(0, MemorySegment.ofArray(planned.layout().header()), bytes -> {});
            return shard;
        } catch (IOException e) {
            throw OutputFaults.failed(temporary, e);
        }
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
            long length = Math.min(buffers.size(), size - index * buffers.size());
            Chunk opened = new Chunk(buffer, length);
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
            channel.write(index * buffers.size(), chunk.content);
        } catch (IOException e) {
            throw OutputFaults.failed(temporary, e);
        } finally {
            buffers.written(chunk.buffer);
        }
        chunk.contributions.forEach(part -> part.contributor().written(part.bytes()));
    }

    /** Copies bytes into the file. */
    private void put(long position, MemorySegment data, Contributor contributor) {
        long done = 0;
        while (done < data.byteSize()) {
            long at = position + done;
            long part = Math.min(data.byteSize() - done, buffers.size() - at % buffers.size());
            reserve(at, part).copyFrom(data.asSlice(done, part));
            filled(at, part, contributor);
            done += part;
        }
    }

    /** Reads bytes back from the file. */
    void read(long position, MemorySegment into) {
        try {
            channel.read(position, into);
        } catch (IOException e) {
            throw OutputFaults.failed(temporary, e);
        }
    }

    /** Makes the content durable; all chunks must have been written. */
    void sync() {
        try {
            channel.sync();
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
        try {
            channel.close();
        } catch (IOException e) {
            throw OutputFaults.failed(temporary, e);
        }
    }
}

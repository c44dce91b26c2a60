// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.error.ResourceException;
import dev.ingot.ffi.Posix;
import dev.ingot.ffi.posix.Libc;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * A preallocated output file. Whole blocks go to the disk directly where the file system allows that: copying gigabytes through
 * the page cache would cost more than computing them, and would push the inputs out of it. Otherwise writeback is started at
 * once, so that the final sync has little left to do. Thread-safe.
 */
final class OutputChannel implements AutoCloseable {
    private final Path path;
    private final long size;
    private final FileChannel buffered;
    private final Optional<Posix> posix;
    private final int descriptor;
    private final Optional<FileChannel> direct;
    private volatile boolean directWorks = true;

    private OutputChannel(Path path, long size, FileChannel buffered, Optional<Posix> posix) {
        this.path = path;
        this.size = size;
        this.buffered = buffered;
        this.descriptor = posix.map(p -> p.openForHints(path, Libc.O_WRONLY())).orElse(-1);
        this.posix = posix.filter(p -> descriptor >= 0);
        this.direct = openDirect(path, posix);
    }

    /** Creates the file, or opens what an interrupted run left, and reserves its blocks so that a full disk shows now. */
    static OutputChannel open(Path path, long size, Optional<Posix> posix) throws IOException {
        FileChannel channel = FileChannel.open(
                path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        OutputChannel opened = new OutputChannel(path, size, channel, posix);
        try {
            opened.allocate();
            return opened;
        } catch (IOException | RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    private static Optional<FileChannel> openDirect(Path path, Optional<Posix> posix) {
        if (posix.map(p -> p.isRemote(path)).orElse(true)) {
            return Optional.empty();
        }
        try {
            return Optional.of(FileChannel.open(path, StandardOpenOption.WRITE, directOption()));
        } catch (IOException | UnsupportedOperationException | ReflectiveOperationException e) {
            return Optional.empty();
        }
    }

    /** By reflection, because the compiler cannot be kept from warning of a class outside of the platform's standard. */
    private static OpenOption directOption() throws ReflectiveOperationException {
        return (OpenOption) Class.forName("com.sun.nio.file.ExtendedOpenOption").getField("DIRECT").get(null);
    }

    private void allocate() throws IOException {
        int error = posix.isPresent() && size > 0 ? posix.get().fallocate(descriptor, 0, size) : 0;
        if (posix.isPresent() && (error == Libc.ENOSPC() || error == Libc.EDQUOT() || error == Libc.EFBIG())) {
            throw new ResourceException(
                    path + ": no space for " + size + " bytes on the output file system",
                    "free some space, or choose a directory on another file system");
        }
        if (buffered.size() < size) {
            buffered.write(ByteBuffer.allocate(1), size - 1);
        }
    }

    /**
     * Writes a chunk.
     *
     * @param position a multiple of {@link ChunkBuffers#ALIGNMENT}
     * @param chunk    aligned memory, of a size that is a multiple of the alignment except at the end of the file
     */
    void write(long position, MemorySegment chunk) throws IOException {
        long whole = direct.isPresent() && directWorks
                ? chunk.byteSize() / ChunkBuffers.ALIGNMENT * ChunkBuffers.ALIGNMENT
                : 0;
        if (whole > 0) {
            try {
                writeFully(direct.orElseThrow(), position, chunk.asSlice(0, whole));
            } catch (IOException e) {
                // Some file systems accept the flag and refuse the write; a disk that fails will refuse the next one too.
                directWorks = false;
                whole = 0;
            }
        }
        long rest = chunk.byteSize() - whole;
        if (rest > 0) {
            writeFully(buffered, position + whole, chunk.asSlice(whole, rest));
            long from = position + whole;
            posix.ifPresent(p -> p.syncFileRange(descriptor, from, rest, Libc.SYNC_FILE_RANGE_WRITE()));
        }
    }

    private static void writeFully(FileChannel channel, long position, MemorySegment data) throws IOException {
        ByteBuffer buffer = data.asByteBuffer();
        long at = position;
        while (buffer.hasRemaining()) {
            at += channel.write(buffer, at);
        }
    }

    /** Reads bytes back. */
    void read(long position, MemorySegment into) throws IOException {
        ByteBuffer buffer = into.asByteBuffer();
        long at = position;
        while (buffer.hasRemaining()) {
            int n = buffered.read(buffer, at);
            if (n < 0) {
                throw new EOFException("the file is shorter than it was allocated");
            }
            at += n;
        }
    }

    /** Cuts what lies beyond the file's size and makes the content durable. */
    void sync() throws IOException {
        if (buffered.size() > size) {
            buffered.truncate(size);
        }
        buffered.force(true);
    }

    @Override
    public void close() throws IOException {
        if (!buffered.isOpen()) {
            return;
        }
        posix.ifPresent(p -> p.close(descriptor));
        try {
            if (direct.isPresent()) {
                direct.get().close();
            }
        } finally {
            buffered.close();
        }
    }
}

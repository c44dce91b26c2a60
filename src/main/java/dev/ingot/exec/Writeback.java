// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.error.ResourceException;
import dev.ingot.ffi.Posix;
import dev.ingot.ffi.posix.Libc;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Sends an output file to disk while it is being written, window by window on a thread of its own, so that the final sync has
 * little left to do and the kernel never stops the writers because too many pages are dirty. Does nothing where the
 * platform has no such calls.
 */
final class Writeback implements AutoCloseable {
    private static final int WINDOW = 32 << 20;

    private final Path file;
    private final long size;
    private final Optional<Posix> posix;
    private final int descriptor;
    private final AtomicIntegerArray written;
    private final ExecutorService flusher;

    private Writeback(Path file, long size, Optional<Posix> posix, int descriptor) {
        this.file = file;
        this.size = size;
        this.posix = posix;
        this.descriptor = descriptor;
        this.written = new AtomicIntegerArray(Math.toIntExact(Math.ceilDiv(size, WINDOW)));
        this.flusher = Executors.newSingleThreadExecutor(
                task -> Thread.ofPlatform().name("ingot-writeback").daemon().unstarted(task));
    }

    static Writeback open(Path file, long size, Optional<Posix> posix) {
        int descriptor = posix.map(p -> p.openForHints(file, Libc.O_WRONLY())).orElse(-1);
        return new Writeback(file, size, posix.filter(p -> descriptor >= 0), descriptor);
    }

    /** Reserves disk blocks for the whole file, so that a full disk shows now. */
    void allocate(long bytes) {
        if (posix.isEmpty() || bytes == 0) {
            return;
        }
        int error = posix.get().fallocate(descriptor, 0, bytes);
        if (error == Libc.ENOSPC() || error == Libc.EDQUOT() || error == Libc.EFBIG()) {
            throw new ResourceException(
                    file + ": no space for " + bytes + " bytes on the output file system",
                    "free some space, or choose a directory on another file system");
        }
    }

    /** Notes that bytes were written; a window that is full goes to disk. */
    void written(long position, long bytes) {
        if (posix.isEmpty()) {
            return;
        }
        long at = position;
        long end = position + bytes;
        while (at < end) {
            int window = (int) (at / WINDOW);
            long windowEnd = Math.min(size, (window + 1L) * WINDOW);
            int part = (int) (Math.min(end, windowEnd) - at);
            long length = windowEnd - (long) window * WINDOW;
            if (written.addAndGet(window, part) == length) {
                flusher.execute(() -> posix.get()
                        .syncFileRange(descriptor, (long) window * WINDOW, length, Libc.SYNC_FILE_RANGE_WRITE()));
            }
            at += part;
        }
    }

    /** Waits until all windows have been handed to the disk. Their safety is the business of a sync. */
    @Override
    public void close() {
        flusher.shutdown();
        boolean interrupted = false;
        while (!flusher.isTerminated()) {
            try {
                flusher.awaitTermination(1, TimeUnit.MINUTES);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        posix.ifPresent(p -> p.close(descriptor));
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}

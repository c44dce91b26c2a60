// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.error.UsageException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The right to write to an output directory: a locked file of its own, which nothing else opens, because POSIX ends a process's
 * lock when any descriptor of the file is closed. For the same reason merges of one process are kept apart by a set of names.
 */
final class OutputLock implements AutoCloseable {
    private static final String FILE_NAME = ".ingot-lock";

    /** Directories locked by this process: a lock, like the file's, belongs to the process as a whole. */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path directory;
    private final Path file;
    private final FileChannel channel;
    private boolean closed;

    private OutputLock(Path directory, Path file, FileChannel channel) {
        this.directory = directory;
        this.file = file;
        this.channel = channel;
    }

    /** @throws UsageException if another merge, here or in another process, holds the lock */
    static OutputLock acquire(Path output) {
        try {
            Path directory = output.toRealPath();
            if (!HELD.add(directory)) {
                throw refused(output);
            }
            try {
                return lock(output, directory);
            } catch (IOException | RuntimeException e) {
                HELD.remove(directory);
                throw e;
            }
        } catch (IOException e) {
            throw OutputFaults.failed(output, e);
        }
    }

    private static OutputLock lock(Path output, Path directory) throws IOException {
        Path file = directory.resolve(FILE_NAME);
        while (true) {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            try {
                Optional<Object> opened = identity(file);
                if (channel.tryLock() == null) {
                    throw refused(output);
                }
                if (opened.isPresent() && opened.equals(identity(file))) {
                    return new OutputLock(directory, file, channel);
                }
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
            // Its last holder removed the file between the opening and the locking.
            channel.close();
        }
    }

    private static Optional<Object> identity(Path file) throws IOException {
        try {
            Object key = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
            return Optional.of(key == null ? file : key);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private static UsageException refused(Path output) {
        return new UsageException(
                output + ": another merge is writing to this directory",
                "wait for it to end, or choose another output directory");
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            Files.deleteIfExists(file);
            channel.close();
        } catch (IOException e) {
            throw OutputFaults.failed(file, e);
        } finally {
            HELD.remove(directory);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.error.ResourceException;
import dev.ingot.ffi.Posix;
import dev.ingot.ffi.posix.Libc;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** Small files and names that survive a crash. */
final class DurableFiles {
    private DurableFiles() {}

    /** Writes a file under a temporary name, syncs it and gives it its name. */
    static void write(Path path, byte[] content) {
        Path temporary = path.resolveSibling(path.getFileName() + OutputShard.SUFFIX);
        try {
            try (FileChannel channel = FileChannel.open(
                    temporary,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE)) {
                ByteBuffer buffer = ByteBuffer.wrap(content);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                channel.force(true);
            }
        } catch (IOException e) {
            throw OutputFaults.failed(path, e);
        }
        rename(temporary, path);
    }

    static void rename(Path from, Path to) {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw OutputFaults.failed(to, e);
        }
    }

    /** Makes the names in a directory durable where the platform and the file system have a call for it. */
    static void syncDirectory(Path directory, Optional<Posix> posix) {
        int error = posix.map(p -> p.fsyncDirectory(directory)).orElse(0);
        if (error == Libc.EIO() || error == Libc.ENOSPC() || error == Libc.EDQUOT()) {
            throw new ResourceException(
                    directory + ": its entries could not be made durable (error " + error + ")",
                    "check the output file system, then run the same command again");
        }
    }
}

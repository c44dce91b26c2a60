// SPDX-License-Identifier: Apache-2.0
package dev.ingot.checkpoint;

import dev.ingot.error.CheckpointException;
import dev.ingot.error.IngotException;
import dev.ingot.error.InterruptedMergeException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;

/** Turns failures of the file system into errors that name the file and say what to do. */
final class FileFaults {
    private FileFaults() {}

    /**
     * Attributes of what the path leads to (links followed); empty if there is nothing.
     *
     * @throws CheckpointException if the file system does not let us look
     */
    static Optional<BasicFileAttributes> attributes(Path path) {
        try {
            return Optional.of(Files.readAttributes(path, BasicFileAttributes.class));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    /**
     * Refuses everything that is not a regular file (or a link to one) before it is opened: opening a pipe would block.
     *
     * @throws CheckpointException saying what the path is instead
     */
    static void requireRegularFile(Path path) {
        BasicFileAttributes attributes = attributes(path).orElseThrow(() -> missing(path));
        if (!attributes.isRegularFile()) {
            throw new CheckpointException(
                    Printable.path(path) + ": is " + (attributes.isDirectory() ? "a directory" : "no regular file"),
                    "Give a regular file.");
        }
    }

    /**
     * Requires that an open file still has the size that its header was checked against.
     *
     * @throws CheckpointException naming both sizes
     */
    static void requireSize(Path path, FileChannel channel, long expected) throws IOException {
        long found = channel.size();
        if (found != expected) {
            throw new CheckpointException(
                    Printable.path(path) + ": file has " + found + " bytes, but had " + expected
                            + " when its header was read",
                    "Another program changed the file; let it finish, then try again.");
        }
    }

    /** The error for a path with nothing behind it. */
    static CheckpointException missing(Path path) {
        if (Files.isSymbolicLink(path)) {
            return new CheckpointException(
                    Printable.path(path) + ": the symbolic link leads to a file that does not exist",
                    "In a download cache the blob is missing: download the model again.");
        }
        return new CheckpointException(Printable.path(path) + ": no such file", "Check the path.");
    }

    /** The error for a failed access. */
    static IngotException unreadable(Path path, IOException cause) {
        String where = Printable.path(path);
        return switch (cause) {
            case ClosedChannelException e -> new InterruptedMergeException(
                    where + ": reading was interrupted", "Run the same command again to continue.", e);
            case NoSuchFileException e -> missing(path);
            case AccessDeniedException e -> new CheckpointException(
                    where + ": permission denied", "Make the file and its directories readable for this user.", e);
            case EOFException e -> new CheckpointException(
                    where + ": the file ended early: " + Printable.escape(e.getMessage()),
                    "Another program shortened the file while it was read; let it finish, then try again.", e);
            case FileSystemException e when e.getReason() != null -> failed(where, e.getReason(), e);
            default -> failed(where, String.valueOf(cause.getMessage()), cause);
        };
    }

    private static CheckpointException failed(String where, String reason, IOException cause) {
        return new CheckpointException(
                where + ": cannot be read: " + Printable.escape(reason), "Check the path and the file system.", cause);
    }
}

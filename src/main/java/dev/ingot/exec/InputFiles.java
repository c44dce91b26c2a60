// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.checkpoint.SafetensorsHeader;
import dev.ingot.checkpoint.TensorRef;
import dev.ingot.error.CheckpointException;
import dev.ingot.ffi.Posix;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** All open input files of a run. Thread-safe until closed. */
final class InputFiles implements AutoCloseable {
    private final Map<Path, InputFile> files = new HashMap<>();
    private final Map<Path, String> states = new HashMap<>();

    InputFiles(Collection<SafetensorsHeader> headers, IoMode mode, Optional<Posix> posix) {
        try {
            for (SafetensorsHeader header : headers) {
                states.put(header.file(), state(header.file()));
                files.computeIfAbsent(header.file(), path -> InputFile.open(header, mode, posix));
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** A run of bytes of a tensor: a view of the mapping, or the lane's buffer after reading. */
    MemorySegment read(TensorRef tensor, long offset, long bytes, Lane lane, int buffer) {
        InputFile file = file(tensor);
        if (file.mapped()) {
            return file.view(tensor.offset() + offset, bytes);
        }
        MemorySegment into = lane.buffer(buffer, bytes);
        file.read(tensor.offset() + offset, into);
        return into;
    }

    /** Copies a run of bytes of a tensor. */
    void copy(TensorRef tensor, long offset, MemorySegment into) {
        file(tensor).read(tensor.offset() + offset, into);
    }

    /** The whole tensor, mapped, for reads at single places. */
    MemorySegment mapped(TensorRef tensor) {
        return file(tensor).view(tensor.offset(), tensor.bytes());
    }

    void prefetch(TensorRef tensor, long offset, long bytes) {
        file(tensor).prefetch(tensor.offset() + offset, bytes);
    }

    /** The tensor's pages need not stay mapped; they may be read again, and stay in the system's cache. */
    void unmap(TensorRef tensor) {
        file(tensor).unmap(tensor.offset(), tensor.bytes());
    }

    /** The tensor will not be read again. */
    void release(TensorRef tensor) {
        file(tensor).release(tensor.offset(), tensor.bytes());
    }

    /** Names of the files, for errors that cannot tell which one failed. */
    String names() {
        return String.join(", ", files.keySet().stream().map(Path::toString).sorted().toList());
    }

    /**
     * Makes sure that what was read is what was there at the start.
     *
     * @throws CheckpointException naming a file that was changed meanwhile
     */
    void checkUnchanged() {
        states.forEach((file, state) -> {
            if (!state.equals(state(file))) {
                throw new CheckpointException(
                        file + ": was changed during the merge",
                        "let the program that writes the file finish, then run the same command again");
            }
        });
    }

    /** Whether what was read is what was there at the start, as far as that can be told. */
    boolean areUnchanged() {
        try {
            checkUnchanged();
            return true;
        } catch (CheckpointException e) {
            return false;
        }
    }

    private static String state(Path file) {
        try {
            return Files.size(file) + " " + Files.getLastModifiedTime(file);
        } catch (IOException e) {
            throw new CheckpointException(
                    file + ": cannot be read any more (" + e.getMessage() + ")", "restore the file, then run again", e);
        }
    }

    private InputFile file(TensorRef tensor) {
        return files.get(tensor.file());
    }

    @Override
    public void close() {
        files.values().forEach(InputFile::close);
    }
}

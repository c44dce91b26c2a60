// SPDX-License-Identifier: Apache-2.0
package dev.ingot.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ingot.error.CheckpointException;
import dev.ingot.error.IngotException;
import dev.ingot.error.InterruptedMergeException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests run as root in many containers, where nothing is denied: the errors are made by hand here. */
class FileFaultsTest {
    static Stream<Arguments> faults() {
        return Stream.of(
                Arguments.of(new AccessDeniedException("f"), CheckpointException.class, "f: permission denied"),
                Arguments.of(new NoSuchFileException("f"), CheckpointException.class, "f: no such file"),
                Arguments.of(new EOFException("no byte"), CheckpointException.class,
                        "f: the file ended early: no byte"),
                Arguments.of(new FileSystemException("f", null, "Too many open files"), CheckpointException.class,
                        "f: cannot be read: Too many open files"),
                Arguments.of(new IOException("Input/output\nerror"), CheckpointException.class,
                        "f: cannot be read: Input/output\\u000aerror"),
                Arguments.of(new ClosedByInterruptException(), InterruptedMergeException.class,
                        "f: reading was interrupted"));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void everyFaultNamesTheFileAndSaysWhatToDo(IOException fault, Class<?> type, String message) {
        IngotException error = FileFaults.unreadable(Path.of("f"), fault);
        assertThat(error).isInstanceOf(type).hasMessage(message);
        assertThat(error.hint()).isNotBlank();
        assertThat(error.hint().lines()).hasSize(1);
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.error.IngotException;
import dev.ingot.error.InterruptedMergeException;
import dev.ingot.error.ResourceException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Locale;

/** Turns failures of writing into errors that say what to do. */
final class OutputFaults {
    private OutputFaults() {}

    static IngotException failed(Path path, IOException cause) {
        if (cause instanceof ClosedChannelException) {
            return new InterruptedMergeException(
                    path + ": writing was interrupted", "run the same command again to continue", cause);
        }
        String reason = cause instanceof FileSystemException fs && fs.getReason() != null
                ? fs.getReason()
                : String.valueOf(cause.getMessage());
        String text = reason.toLowerCase(Locale.ROOT);
        if (cause instanceof AccessDeniedException || text.contains("permission") || text.contains("read-only")) {
            return new ResourceException(
                    path + ": cannot be written (permission denied)", "choose a directory that you may write to", cause);
        }
        if (text.contains("no space") || text.contains("quota")) {
            return full(path, cause);
        }
        return new ResourceException(path + ": cannot be written (" + reason + ")", "check the output file system", cause);
    }

    static ResourceException full(Path path, IOException cause) {
        return new ResourceException(
                path + ": no space left on the output file system", "free some space, then run the same command again", cause);
    }
}

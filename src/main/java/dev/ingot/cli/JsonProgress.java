// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import dev.ingot.MergeProgress;
import java.io.PrintWriter;

/** A JSON object per line, schema {@code ingot.progress/1}, for programs. Used from one thread at a time. */
final class JsonProgress implements ProgressDisplay {
    private final PrintWriter err;

    JsonProgress(PrintWriter err) {
        this.err = err;
    }

    @Override
    public void progress(MergeProgress progress) {
        err.println(Json.text(Json.object(
                "schema", "ingot.progress/1",
                "bytesRead", progress.bytesRead(),
                "bytesToRead", progress.bytesToRead(),
                "bytesWritten", progress.bytesWritten(),
                "bytesToWrite", progress.bytesToWrite(),
                "tensor", progress.tensor(),
                "matrix", progress.matrix(),
                "matrixShare", progress.matrixShare(),
                "seconds", progress.elapsed().toNanos() / 1e9)));
    }

    @Override
    public void end() {}
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import dev.ingot.MergeProgress;
import java.time.Duration;

/** Progress in one line: bytes, rate, time to go, and the tensor that is computed or was finished last. */
final class ProgressLine {
    private ProgressLine() {}

    /** @param width most characters; the name of the tensor is cut to fit */
    static String of(MergeProgress progress, int width) {
        double seconds = progress.elapsed().toNanos() / 1e9;
        double fraction = progress.fraction();
        StringBuilder line = new StringBuilder()
                .append("read ")
                .append(Text.bytes(progress.bytesRead(), progress.bytesToRead()));
        if (progress.bytesToWrite() > 0) {
            line.append("  write ").append(Text.bytes(progress.bytesWritten(), progress.bytesToWrite()));
        }
        if (fraction > 0 && seconds > 0) {
            double rate = (progress.bytesRead() + progress.bytesWritten()) / seconds;
            long left = Math.round(seconds * (1 - fraction) / fraction);
            line.append("  ").append(Text.bytes(rate)).append("/s  eta ").append(Text.clock(Duration.ofSeconds(left)));
        }
        if (!progress.matrix().isEmpty()) {
            line.append("  ").append(Math.round(100 * progress.matrixShare())).append(" % of ");
            line.append(Text.line(progress.matrix()));
        } else if (!progress.tensor().isEmpty()) {
            line.append("  ").append(Text.line(progress.tensor()));
        }
        return line.length() <= width ? line.toString() : line.substring(0, width - 3) + "...";
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import dev.ingot.MergeProgress;
import java.io.PrintWriter;
import java.util.Locale;

/** A line for each twentieth of the work, for logs. Used from one thread at a time. */
final class PlainProgress implements ProgressDisplay {
    private static final int STEP = 5;

    private final PrintWriter err;
    private int next = STEP;

    PlainProgress(PrintWriter err) {
        this.err = err;
    }

    @Override
    public void progress(MergeProgress progress) {
        int percent = (int) (100 * progress.fraction());
        if (percent >= next) {
            next = percent - percent % STEP + STEP;
            String line = ProgressLine.of(progress, Integer.MAX_VALUE);
            err.println(String.format(Locale.ROOT, "%3d %%  %s", percent, line));
        }
    }

    @Override
    public void end() {}
}

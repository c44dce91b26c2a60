// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import dev.ingot.MergeProgress;
import java.io.PrintWriter;

/** One line that is written over and over. Used from one thread at a time. */
final class TerminalProgress implements ProgressDisplay {
    /** One less than the narrowest usual terminal has columns: a line that wraps could not be written over. */
    private static final int WIDTH = 79;

    private final PrintWriter err;
    private int shown;

    TerminalProgress(PrintWriter err) {
        this.err = err;
    }

    @Override
    public void progress(MergeProgress progress) {
        show(ProgressLine.of(progress, WIDTH));
    }

    @Override
    public void end() {
        show("");
        err.print('\r');
        err.flush();
    }

    private void show(String line) {
        err.print('\r' + line + " ".repeat(Math.max(0, shown - line.length())));
        err.flush();
        shown = line.length();
    }
}

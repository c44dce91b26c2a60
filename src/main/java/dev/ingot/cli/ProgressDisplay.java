// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import dev.ingot.MergeProgress;
import dev.ingot.ProgressListener;
import dev.ingot.error.UsageException;

/** Shows how far a merge is. */
sealed interface ProgressDisplay extends ProgressListener
        permits TerminalProgress, PlainProgress, JsonProgress, NoProgress {
    /** Shows nothing more; what is printed next begins on a line of its own. */
    void end();

    /**
     * The display of this form.
     *
     * @param form {@code auto}, {@code plain}, {@code json} or {@code none}
     * @throws UsageException if there is no such form
     */
    static ProgressDisplay of(String form, Context context) {
        return switch (form) {
            case "auto" -> context.terminal() ? new TerminalProgress(context.err()) : new PlainProgress(context.err());
            case "plain" -> new PlainProgress(context.err());
            case "json" -> new JsonProgress(context.err());
            case "none" -> new NoProgress();
            default -> throw new UsageException(
                    "--progress: there is no form '" + form + "'", "use auto, plain, json or none");
        };
    }
}

/** Shows nothing. */
final class NoProgress implements ProgressDisplay {
    @Override
    public void progress(MergeProgress progress) {}

    @Override
    public void end() {}
}

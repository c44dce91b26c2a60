// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import picocli.CommandLine.Option;

/** The options that say how much is told meanwhile. */
final class OutputOptions {
    @Option(names = {"-q", "--quiet"}, negatable = true, description = "No progress and no summary; warnings and errors only.")
    private boolean quiet;

    @Option(names = {"-v", "--verbose"}, description = "Tell more: the plan, and options without effect.")
    private boolean[] verbose = {};

    @Option(
            names = "--progress",
            paramLabel = "FORM",
            defaultValue = "auto",
            description = "auto, plain (lines), json (lines) or none. Default: auto, which is one line on a terminal and"
                    + " plain elsewhere.")
    private String progress;

    boolean quiet() {
        return quiet;
    }

    boolean verbose() {
        return verbose.length > 0;
    }

    /** The way that progress is shown in. */
    ProgressDisplay display(Context context) {
        return ProgressDisplay.of(quiet ? "none" : progress, context);
    }
}

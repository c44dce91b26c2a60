// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;

/** {@code ingot completion}. */
@Command(
        description = {
            "Prints a script that completes Ingot's commands and options in bash and zsh.",
            "Put this into ~/.bashrc or ~/.zshrc:  source <(ingot completion)"
        })
final class CompletionCommand implements Runnable {
    private final Context context;
    private final Cli cli;

    CompletionCommand(Context context, Cli cli) {
        this.context = context;
        this.cli = cli;
    }

    @Override
    public void run() {
        context.out().println(AutoComplete.bash("ingot", cli.commands()));
    }
}

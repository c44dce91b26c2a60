// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** {@code ingot help}. */
@Command(helpCommand = true, description = "Shows the help of a command.")
final class HelpCommand implements Runnable {
    private final Context context;

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..1", paramLabel = "COMMAND", description = "The command.")
    private String command;

    HelpCommand(Context context) {
        this.context = context;
    }

    @Override
    public void run() {
        CommandLine all = spec.parent().commandLine();
        CommandLine wanted = command == null ? all : all.getSubcommands().get(command);
        if (wanted == null) {
            throw new UnmatchedArgumentException(all, List.of(command));
        }
        wanted.usage(context.out());
    }
}

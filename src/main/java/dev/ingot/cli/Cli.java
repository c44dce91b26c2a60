// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** The commands of {@code ingot} in one process. Never ends the process itself. */
final class Cli {
    private final Context context;

    Cli(Context context) {
        this.context = context;
    }

    /**
     * Runs one command line.
     *
     * @return the exit code
     */
    int run(String... args) {
        CommandLine commands = commands();
        Errors errors = new Errors(context.err());
        commands.setParameterExceptionHandler(errors).setExecutionExceptionHandler(errors);
        try {
            return commands.execute(args);
        } catch (RuntimeException | Error e) {
            return errors.report(e, RootCommand.showsStackTrace(args));
        } finally {
            context.out().flush();
            context.err().flush();
        }
    }

    /** All commands with their options. */
    CommandLine commands() {
        CommandLine commands = new CommandLine(new RootCommand());
        commands.addSubcommand("merge", new MergeCommand(context))
                .addSubcommand("plan", new PlanCommand(context))
                .addSubcommand("masks", new MasksCommand(context))
                .addSubcommand("factors", new FactorsCommand(context))
                .addSubcommand("reconstruct", new ReconstructCommand(context))
                .addSubcommand("inspect", new InspectCommand(context))
                .addSubcommand("methods", new MethodsCommand(context))
                .addSubcommand("demo", new DemoCommand(context))
                .addSubcommand("quality", new QualityCommand(context))
                .addSubcommand("doctor", new DoctorCommand(context))
                .addSubcommand("bench", new CommandLine(new BenchCommand())
                        .addSubcommand("kernels", new BenchKernelsCommand(context)))
                .addSubcommand("completion", new CompletionCommand(context, this))
                .addSubcommand("version", new VersionCommand(context))
                .addSubcommand("help", new HelpCommand(context));
        return commands.setOut(context.out())
                .setErr(context.err())
                .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF))
                // A path may begin with @, and as in mergekit the last of repeated options counts.
                .setExpandAtFiles(false)
                .setOverwrittenOptionsAllowed(true)
                .setUsageHelpAutoWidth(false)
                .setUsageHelpWidth(100);
    }
}

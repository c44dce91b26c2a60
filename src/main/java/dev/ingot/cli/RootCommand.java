// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import dev.ingot.Ingot;
import dev.ingot.error.UsageException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** What {@code ingot} does without a command: options that all commands share. */
@Command(
        name = "ingot",
        description = "Merges fine-tuned model checkpoints.",
        synopsisSubcommandLabel = "COMMAND",
        versionProvider = RootCommand.Version.class,
        exitCodeListHeading = "%nExit codes%n",
        exitCodeList = {
            "0:done",
            "1:an internal error of Ingot",
            "2:the command line is wrong",
            "3:the merge configuration is invalid",
            "4:an input checkpoint is missing, corrupt or does not fit the others",
            "5:not enough memory or disk, or the output cannot be written",
            "6:a device or the native library is missing or failed",
            "130:interrupted; the same command continues the merge"
        },
        footerHeading = "%nEnvironment%n",
        footer = {
            "  INGOT_ISA            forces an instruction set of the CPU kernels, as --isa does",
            "  INGOT_NATIVE_DIR     folder of the native library, instead of the one that is packaged",
            "  INGOT_JAVA_HOME      the Java (22 or newer) to run on",
            "  INGOT_JAVA_OPTIONS   further options for Java",
            "  XDG_CACHE_HOME       where the packaged native library is copied to"
        })
final class RootCommand implements Runnable {
    private static final String STACKTRACE = "--stacktrace";

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this help and exit.")
    private boolean help;

    @Option(names = {"-V", "--version"}, versionHelp = true, description = "Show the version and exit.")
    private boolean version;

    @Option(names = STACKTRACE, scope = ScopeType.INHERIT, description = "Show where in the program an error arose.")
    private boolean stackTrace;

    /** The line of {@code --version}. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"ingot " + Ingot.version()};
        }
    }

    /** Whether the user wants to see stack traces. */
    static boolean showsStackTrace(String... args) {
        return List.of(args).contains(STACKTRACE);
    }

    @Override
    public void run() {
        throw new UsageException("no command given", "try 'ingot merge CONFIG OUT'; 'ingot help' lists all commands");
    }
}

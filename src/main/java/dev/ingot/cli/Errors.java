// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import dev.ingot.error.ExitCode;
import dev.ingot.error.IngotException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Tells users about errors in two lines, what and where, then what to do, and finds the exit code. */
final class Errors implements IParameterExceptionHandler, IExecutionExceptionHandler {
    private final PrintWriter err;

    Errors(PrintWriter err) {
        this.err = err;
    }

    @Override
    public int handleParseException(ParameterException e, String[] args) {
        if (e.getCause() instanceof IngotException cause) {
            return report(cause, RootCommand.showsStackTrace(args));
        }
        print(problem(e), suggestion(e));
        trace(e, RootCommand.showsStackTrace(args));
        return ExitCode.USAGE.code();
    }

    @Override
    public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
        return report(e, RootCommand.showsStackTrace(parsed.originalArgs().toArray(String[]::new)));
    }

    /** Prints the two lines, and the stack trace if wanted, and gives the exit code. */
    int report(Throwable e, boolean stackTrace) {
        ExitCode code;
        switch (e) {
            case IngotException known -> {
                print(known.getMessage(), known.hint());
                code = known.exitCode();
            }
            case OutOfMemoryError full -> {
                long heap = Runtime.getRuntime().maxMemory() >> 20;
                print(
                        "the headers and the plan of this merge do not fit into Java's heap of " + heap + " MiB",
                        "give it more: INGOT_JAVA_OPTIONS=-Xmx" + 4 * heap + "m ingot ...");
                code = ExitCode.RESOURCES;
            }
            default -> {
                print("internal error: " + e, "run it again with --stacktrace and report what it prints");
                code = ExitCode.INTERNAL;
            }
        }
        trace(e, stackTrace);
        return code.code();
    }

    private void print(String error, String hint) {
        err.println("error: " + Text.line(error));
        err.println("hint: " + Text.line(hint));
    }

    private void trace(Throwable e, boolean stackTrace) {
        if (stackTrace) {
            e.printStackTrace(err);
        }
    }

    private static String problem(ParameterException e) {
        boolean command = e instanceof UnmatchedArgumentException unmatched
                && e.getCommandLine().getParent() == null
                && !unmatched.isUnknownOption();
        return command
                ? "there is no command '" + ((UnmatchedArgumentException) e).getUnmatched().getFirst() + "'"
                : lowerCase(e.getMessage());
    }

    private static String suggestion(ParameterException e) {
        String command = e.getCommandLine().getCommandSpec().qualifiedName();
        String help = "see '" + command + " --help'";
        if (e instanceof UnmatchedArgumentException unmatched) {
            List<String> near = unmatched.getSuggestions();
            if (!near.isEmpty()) {
                return near.stream().limit(3).collect(Collectors.joining("' or '", "did you mean '", "'? ")) + help;
            }
        }
        return help;
    }

    /** The parser's messages are sentences; ours begin in lower case. */
    private static String lowerCase(String message) {
        return message.substring(0, 1).toLowerCase(Locale.ROOT) + message.substring(1);
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/** The process of the command line tool. */
public final class Main {
    /** System property by which the launcher tells where the tool is installed. */
    static final String HOME_PROPERTY = "ingot.home";

    /** System property by which the launcher tells that standard error is a terminal; Java cannot find that out. */
    static final String TERMINAL_PROPERTY = "ingot.terminal";

    private Main() {}

    /**
     * Runs a command and ends the process with its exit code.
     *
     * @param args the command line
     */
    public static void main(String[] args) {
        ProcessInterrupts interrupts = new ProcessInterrupts();
        Context context = new Context(
                writer(FileDescriptor.out),
                writer(FileDescriptor.err),
                Boolean.getBoolean(TERMINAL_PROPERTY),
                System.getenv(),
                Optional.ofNullable(System.getProperty(HOME_PROPERTY)).map(Path::of),
                interrupts);
        int code = new Cli(context).run(args);
        interrupts.ended(code);
        System.exit(code);
    }

    /** UTF-8 whatever the locale: JSON is, and so are the names in model files. */
    private static PrintWriter writer(FileDescriptor descriptor) {
        return new PrintWriter(new OutputStreamWriter(new FileOutputStream(descriptor), StandardCharsets.UTF_8), true);
    }
}

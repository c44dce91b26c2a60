// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ingot.checkpoint.TestJson;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Runs command lines in this process and keeps what they print. */
final class CliRig {
    private final Map<String, String> environment = new HashMap<>(System.getenv());
    private boolean terminal;
    private Optional<Path> home = Optional.empty();
    private Interrupts interrupts = action -> {};

    /** What a command line came to. */
    record Outcome(int code, String out, String err) {
        /** The answer as the JSON object that it must be, alone on one line. */
        Map<String, Object> json(String schema) {
            assertThat(code).as(err).isZero();
            assertThat(out.lines()).hasSize(1);
            Map<String, Object> answer = TestJson.object(TestJson.parse(out));
            assertThat(answer).containsEntry("schema", schema);
            return answer;
        }

        /** Checks that it failed in the way every failure looks like. */
        void refused(int expected, String what, String hint) {
            assertThat(out).isEmpty();
            List<String> lines = err.lines().filter(line -> !line.startsWith("warning: ")).toList();
            assertThat(lines).as(err).hasSize(2);
            assertThat(lines.get(0)).startsWith("error: ").contains(what);
            assertThat(lines.get(1)).startsWith("hint: ").contains(hint);
            assertThat(code).isEqualTo(expected);
        }
    }

    CliRig onTerminal() {
        terminal = true;
        return this;
    }

    CliRig inHome(Path directory) {
        home = Optional.of(directory);
        return this;
    }

    CliRig with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    CliRig interruptedBy(Interrupts source) {
        interrupts = source;
        return this;
    }

    Outcome run(Object... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        Context context =
                new Context(new PrintWriter(out), new PrintWriter(err), terminal, environment, home, interrupts);
        String[] line = List.of(args).stream().map(Object::toString).toArray(String[]::new);
        int code = new Cli(context).run(line);
        return new Outcome(code, out.toString(), err.toString());
    }
}

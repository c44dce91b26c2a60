// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ingot.Ingot;
import dev.ingot.error.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** The README says what the program does. */
class ReadmeTest {
    private String readme;

    @BeforeEach
    void read() throws IOException {
        readme = Files.readString(Path.of("README.md"));
    }

    private static CommandLine commands() {
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        return new Cli(new Context(nowhere, nowhere, false, Map.of(), Optional.empty(), action -> {})).commands();
    }

    @Test
    void methodsAreThoseOfTheProgram() {
        String table = String.join("\n", MethodTable.lines(Ingot.create().methods()));
        String begin = "<!-- methods:begin (made by: ./ingot methods --markdown) -->\n";
        assertThat(readme).as("run ./ingot methods --markdown").contains(begin + table + "\n<!-- methods:end -->");
    }

    @Test
    void everyExitCodeIsListed() {
        for (ExitCode code : ExitCode.values()) {
            assertThat(readme).containsPattern("(?m)^\\| " + code.code() + " \\| ");
        }
    }

    @Test
    void everyCommandIsNamed() {
        assertThat(commands().getSubcommands().keySet())
                .allSatisfy(command -> assertThat(readme).containsPattern("`" + command + "[ `]|\\./ingot " + command));
    }

    @Test
    void everyOptionOfPlanIsListed() {
        for (OptionSpec option : commands().getSubcommands().get("plan").getCommandSpec().options()) {
            String name = option.longestName();
            if (!option.usageHelp() && !name.equals("--stacktrace")) {
                String shown = "true".equals(option.defaultValue()) ? "--no-" + name.substring(2) : name;
                assertThat(readme).containsPattern("`" + (name.equals("--num-threads") ? "-j" : shown) + "[ `]");
            }
        }
    }
}

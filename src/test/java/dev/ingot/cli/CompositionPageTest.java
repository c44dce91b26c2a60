// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ingot.Ingot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** {@code docs/methods/composition.md} has the table that the program makes. */
class CompositionPageTest {
    @Test
    void compositionsAreThoseOfTheProgram() throws IOException {
        String table = String.join("\n", CompositionTable.lines(Ingot.create().methods()));
        String begin = "<!-- compositions:begin (made by: ./ingot methods --compositions) -->\n";
        assertThat(Files.readString(Path.of("docs/methods/composition.md")))
                .as("run ./ingot methods --compositions")
                .contains(begin + table + "\n<!-- compositions:end -->");
    }
}

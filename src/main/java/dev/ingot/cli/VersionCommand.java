// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import dev.ingot.Ingot;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ingot version}. */
@Command(description = "Shows the versions of Ingot and Java.")
final class VersionCommand implements Runnable {
    private final Context context;

    @Option(names = "--json", description = "Answer with one JSON object.")
    private boolean json;

    VersionCommand(Context context) {
        this.context = context;
    }

    @Override
    public void run() {
        String system = System.getProperty("os.name") + " " + System.getProperty("os.arch");
        if (json) {
            context.out().println(Json.text(Json.object(
                    "schema", "ingot.version/1",
                    "version", Ingot.version(),
                    "java", Runtime.version(),
                    "system", system)));
        } else {
            context.out().println("ingot " + Ingot.version() + " (Java " + Runtime.version() + ", " + system + ")");
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import dev.ingot.Ingot;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What commands need of the process that runs them.
 *
 * @param out         takes the answer
 * @param err         takes progress, warnings and errors
 * @param terminal    whether {@code err} is shown on a terminal
 * @param environment the environment variables
 * @param home        where the tool is installed, with its examples
 * @param interrupts  tells when the user wants to stop
 */
record Context(
        PrintWriter out,
        PrintWriter err,
        boolean terminal,
        Map<String, String> environment,
        Optional<Path> home,
        Interrupts interrupts) {
    /** The engine. */
    Ingot ingot() {
        return Ingot.create(environment);
    }

    /** The engine with these environment variables set besides. */
    Ingot ingot(Map<String, String> changes) {
        Map<String, String> changed = new HashMap<>(environment);
        changed.putAll(changes);
        return Ingot.create(changed);
    }

    /** Tells the user something worth knowing in one line. */
    void warn(String warning) {
        err.println("warning: " + Text.line(warning));
    }
}

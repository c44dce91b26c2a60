// SPDX-License-Identifier: Apache-2.0
package dev.ingot.report;

import java.time.Duration;
import java.util.List;

/**
 * What is known of a run besides its plan.
 *
 * @param backend        what computed it
 * @param elapsed        wall time until the weights were durable
 * @param bytesRead      input bytes read, counting each pass
 * @param resumedTensors tensors that an interrupted run had finished already
 * @param memory         the process's memory at the end
 * @param warnings       what the user was told
 */
public record RunFacts(
        String backend,
        Duration elapsed,
        long bytesRead,
        int resumedTensors,
        ProcessMemory memory,
        List<String> warnings) {
    /** Copies the list. */
    public RunFacts {
        warnings = List.copyOf(warnings);
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.report;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What is known of a run besides its plan.
 *
 * @param backend        what computed it
 * @param elapsed        wall time until the weights were durable
 * @param bytesRead      input bytes read, counting each pass
 * @param resumedTensors tensors that an interrupted run had finished already
 * @param memory         the process's memory at the end
 * @param findings       what was found out of the model as a whole, by name
 * @param warnings       what the user was told
 */
public record RunFacts(
        String backend,
        Duration elapsed,
        long bytesRead,
        int resumedTensors,
        ProcessMemory memory,
        Map<String, List<Double>> findings,
        List<String> warnings) {
    /** Copies the collections. */
    public RunFacts {
        findings = Map.copyOf(findings);
        warnings = List.copyOf(warnings);
    }
}

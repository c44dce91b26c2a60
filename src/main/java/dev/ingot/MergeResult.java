// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A merge that is complete and durable.
 *
 * @param output         the directory with the merged model
 * @param elapsed        wall time
 * @param bytesRead      input bytes read, counting each pass
 * @param bytesWritten   size of the weight files
 * @param resumedTensors tensors that an interrupted run had finished already
 * @param backend        what computed it, for instance {@code cpu (avx2)}
 * @param seed           seed of random masks
 * @param peakMemory     the process's largest resident memory so far in bytes, mapped files included; 0 where unknown
 * @param warnings       what the user should know, one line each
 * @param reportJson     all of this and more as one JSON object, schema {@code ingot.report/1}; also in the output directory
 */
public record MergeResult(
        Path output,
        Duration elapsed,
        long bytesRead,
        long bytesWritten,
        int resumedTensors,
        String backend,
        long seed,
        long peakMemory,
        List<String> warnings,
        String reportJson) {
    /** Copies the list. */
    public MergeResult {
        warnings = List.copyOf(warnings);
    }
}

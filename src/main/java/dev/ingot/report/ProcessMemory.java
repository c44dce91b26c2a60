// SPDX-License-Identifier: Apache-2.0
package dev.ingot.report;

import java.nio.file.Path;
import java.util.Map;

/**
 * Memory of this process, as Linux accounts it; zeros elsewhere.
 *
 * @param peakResident largest resident memory so far in bytes, including mapped files that the kernel may drop any time
 * @param anonymous    anonymous memory now, in bytes
 */
public record ProcessMemory(long peakResident, long anonymous) {
    private static final Path STATUS = Path.of("/proc/self/status");

    /** The state of this moment. */
    public static ProcessMemory now() {
        Map<String, Long> bytes = MemoryTable.read(STATUS);
        return new ProcessMemory(bytes.getOrDefault("VmHWM:", 0L), bytes.getOrDefault("RssAnon:", 0L));
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
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
        Map<String, Long> kibibytes = new HashMap<>();
        try {
            for (String line : Files.readAllLines(STATUS)) {
                String[] fields = line.split("\\s+");
                if (fields.length == 3 && fields[2].equals("kB")) {
                    kibibytes.put(fields[0], Long.parseLong(fields[1]));
                }
            }
        } catch (IOException e) {
            return new ProcessMemory(0, 0);
        }
        return new ProcessMemory(
                kibibytes.getOrDefault("VmHWM:", 0L) << 10, kibibytes.getOrDefault("RssAnon:", 0L) << 10);
    }
}

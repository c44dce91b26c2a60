// SPDX-License-Identifier: Apache-2.0
package dev.ingot.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Memory of this machine, as Linux accounts it; zeros elsewhere.
 *
 * @param total     installed, or the limit of this process's control group where that is less, in bytes
 * @param available what new programs could use without swapping, in bytes
 */
public record MachineMemory(long total, long available) {
    private static final Path MEMINFO = Path.of("/proc/meminfo");
    private static final Path LIMIT = Path.of("/sys/fs/cgroup/memory.max");

    /** The state of this moment. */
    public static MachineMemory now() {
        Map<String, Long> bytes = MemoryTable.read(MEMINFO);
        long total = bytes.getOrDefault("MemTotal:", 0L);
        long available = bytes.getOrDefault("MemAvailable:", 0L);
        OptionalLong limit = limit();
        return limit.isEmpty()
                ? new MachineMemory(total, available)
                : new MachineMemory(Math.min(total, limit.getAsLong()), Math.min(available, limit.getAsLong()));
    }

    /** The limit of control groups version 2; the text {@code max} stands for none. */
    private static OptionalLong limit() {
        try {
            return OptionalLong.of(Long.parseLong(Files.readString(LIMIT).strip()));
        } catch (IOException | NumberFormatException e) {
            return OptionalLong.empty();
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.measure;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** Facts of this machine's memory that Linux tells; elsewhere what is safe to assume. */
final class HostMemory {
    private static final Path CPUS = Path.of("/sys/devices/system/cpu");
    private static final Path MEMINFO = Path.of("/proc/meminfo");
    private static final long UNKNOWN_CACHE = 64L << 20;
    private static final long UNKNOWN_MEMORY = 4L << 30;

    private HostMemory() {}

    /** Bytes of all third-level caches together. */
    static long lastLevelCache() {
        long bytes = 0;
        Set<String> seen = new HashSet<>();
        try (DirectoryStream<Path> cpus = Files.newDirectoryStream(CPUS, "cpu[0-9]*")) {
            for (Path cpu : cpus) {
                Path cache = cpu.resolve("cache/index3");
                if (Files.isReadable(cache.resolve("size")) && seen.add(line(cache.resolve("shared_cpu_list")))) {
                    bytes += size(line(cache.resolve("size")));
                }
            }
        } catch (IOException | NumberFormatException e) {
            return UNKNOWN_CACHE;
        }
        return bytes > 0 ? bytes : UNKNOWN_CACHE;
    }

    /** Bytes that programs may take without swapping. */
    static long available() {
        try {
            return Files.readAllLines(MEMINFO).stream()
                    .filter(line -> line.startsWith("MemAvailable:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .findFirst()
                    .orElse(UNKNOWN_MEMORY);
        } catch (IOException | NumberFormatException e) {
            return UNKNOWN_MEMORY;
        }
    }

    private static String line(Path file) throws IOException {
        return Files.readString(file).strip();
    }

    /** Such as {@code 32768K}. */
    private static long size(String text) {
        long number = Long.parseLong(text.replaceAll("\\D", ""));
        return text.endsWith("M") ? number << 20 : text.endsWith("K") ? number << 10 : number;
    }
}

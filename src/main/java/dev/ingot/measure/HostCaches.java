// SPDX-License-Identifier: Apache-2.0
package dev.ingot.measure;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** The caches of this machine's processors, as Linux tells; elsewhere what is safe to assume. */
final class HostCaches {
    private static final Path CPUS = Path.of("/sys/devices/system/cpu");
    private static final long UNKNOWN_CACHE = 64L << 20;

    private HostCaches() {}

    /** Bytes of all third-level caches together. */
    static long lastLevel() {
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

    private static String line(Path file) throws IOException {
        return Files.readString(file).strip();
    }

    /** Such as {@code 32768K}. */
    private static long size(String text) {
        long number = Long.parseLong(text.replaceAll("\\D", ""));
        return text.endsWith("M") ? number << 20 : text.endsWith("K") ? number << 10 : number;
    }
}

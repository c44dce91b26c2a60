// SPDX-License-Identifier: Apache-2.0
package dev.ingot.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Reads Linux's tables of memory sizes, whose lines are {@code Key:   123 kB}. */
final class MemoryTable {
    private MemoryTable() {}

    /** The sizes in bytes by key, colon included; empty where there is no such file. */
    static Map<String, Long> read(Path file) {
        Map<String, Long> bytes = new HashMap<>();
        try {
            for (String line : Files.readAllLines(file)) {
                String[] fields = line.split("\\s+");
                if (fields.length == 3 && fields[2].equals("kB")) {
                    bytes.put(fields[0], Long.parseLong(fields[1]) << 10);
                }
            }
        } catch (IOException e) {
            return Map.of();
        }
        return bytes;
    }
}

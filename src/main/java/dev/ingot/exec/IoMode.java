// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.error.UsageException;

/** How inputs are read. */
public enum IoMode {
    /** Per file: mapped where its data is in the page cache already, by pread where it has to come from a disk or network. */
    AUTO,
    /** Mapped into memory. */
    MMAP,
    /** Read by position into buffers. */
    PREAD;

    /**
     * The mode with this name, in lower case.
     *
     * @throws UsageException if there is none
     */
    public static IoMode parse(String name) {
        return switch (name) {
            case "auto" -> AUTO;
            case "mmap" -> MMAP;
            case "pread" -> PREAD;
            default -> throw new UsageException("there is no I/O mode '" + name + "'", "use auto, mmap or pread");
        };
    }
}

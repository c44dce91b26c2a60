// SPDX-License-Identifier: Apache-2.0
package dev.ingot.report;

import java.util.Locale;

/** Sizes for people to read, in powers of 1000. */
public final class Bytes {
    private static final String[] UNITS = {"kB", "MB", "GB", "TB"};

    private Bytes() {}

    /** For instance {@code 9.89 GB}. */
    public static String text(long bytes) {
        if (bytes < 1000) {
            return bytes + " B";
        }
        double value = bytes;
        int unit = -1;
        while (value >= 999.5 && unit < UNITS.length - 1) {
            value /= 1000;
            unit++;
        }
        return String.format(Locale.ROOT, value < 9.995 ? "%.2f %s" : value < 99.95 ? "%.1f %s" : "%.0f %s", value, UNITS[unit]);
    }
}

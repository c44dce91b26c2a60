// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** Numbers and names as people read them. */
final class Text {
    private static final List<String> UNITS = List.of("B", "kB", "MB", "GB", "TB", "PB");

    private Text() {}

    /** For instance {@code 9.89 GB}. */
    static String bytes(double bytes) {
        int unit = unit(bytes);
        return scaled(bytes, unit) + " " + UNITS.get(unit);
    }

    /** For instance {@code 5.10/9.89 GB}. */
    static String bytes(long done, long total) {
        int unit = unit(total);
        return scaled(done, unit) + "/" + scaled(total, unit) + " " + UNITS.get(unit);
    }

    private static int unit(double bytes) {
        int unit = 0;
        while (bytes >= 999.5 && unit < UNITS.size() - 1) {
            bytes /= 1000;
            unit++;
        }
        return unit;
    }

    private static String scaled(double bytes, int unit) {
        double value = bytes / Math.pow(1000, unit);
        String format = unit == 0 || value >= 99.95 ? "%.0f" : value >= 9.995 ? "%.1f" : "%.2f";
        return String.format(Locale.ROOT, format, value);
    }

    /** Hours, minutes and seconds, for instance {@code 0:05:10}. */
    static String clock(Duration duration) {
        return String.format(
                Locale.ROOT, "%d:%02d:%02d", duration.toHours(), duration.toMinutesPart(), duration.toSecondsPart());
    }

    /** For instance {@code 4.21 s} or {@code 0:05:10}. */
    static String time(Duration duration) {
        double seconds = duration.toNanos() / 1e9;
        return seconds >= 120 ? clock(duration) : String.format(Locale.ROOT, "%.2f s", seconds);
    }

    /** One line without control characters, which files could smuggle into names to play tricks on terminals. */
    static String line(String text) {
        StringBuilder line = new StringBuilder(text.length());
        text.strip().replaceAll("\\s*\\R\\s*", " ").codePoints().forEach(c -> {
            if (Character.isISOControl(c)) {
                line.append(String.format(Locale.ROOT, "\\u%04x", c));
            } else {
                line.appendCodePoint(c);
            }
        });
        return line.toString();
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.error.UsageException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Amounts of memory as users write them. */
public final class MemorySize {
    /** What the Java machine itself takes of the anonymous memory. */
    public static final long JAVA = 176L << 20;

    private static final Pattern TEXT = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,3})?)\\s*([kmgt]?)(i?b|)");

    private MemorySize() {}

    /**
     * Reads {@code 512MiB}, {@code 2GB}, {@code 1.5g} or a plain number of bytes. {@code KB}, {@code MB}, {@code GB} and
     * {@code TB} are powers of 1000; {@code KiB} and so on, and bare {@code K} and so on as in Java's {@code -Xmx}, are powers
     * of 1024.
     *
     * @return bytes, at least 1
     * @throws UsageException if it is no size
     */
    public static long parse(String text) {
        Matcher matcher = TEXT.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (matcher.matches()) {
            int power = matcher.group(2).isEmpty() ? 0 : 1 + "kmgt".indexOf(matcher.group(2));
            double unit = Math.pow(matcher.group(3).equals("b") ? 1000 : 1024, power);
            long bytes = Math.round(Double.parseDouble(matcher.group(1)) * unit);
            if (bytes > 0) {
                return bytes;
            }
        }
        throw new UsageException("memory size '" + text + "' is not understood", "write for instance 512MiB or 2GB");
    }
}

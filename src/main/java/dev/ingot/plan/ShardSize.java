// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.error.UsageException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How large an output file may grow.
 *
 * @param limit most data per file, in bytes or parameters; 0 means one file for all
 * @param unit  what is counted
 */
public record ShardSize(long limit, Unit unit) {
    /** Five billion bytes, the usual size on the Hub. */
    public static final ShardSize DEFAULT = new ShardSize(5_000_000_000L, Unit.BYTES);

    private static final Pattern TEXT = Pattern.compile("(-?\\d{1,15})(?:\\s*([kmgtb]|[kmgt]i?b))?");

    /** What is counted. */
    public enum Unit {
        /** Bytes of tensor data. */
        BYTES,
        /** Numbers, whatever their type; bits of masks count as those that they select. */
        PARAMETERS
    }

    /**
     * Reads a size: {@code 5GB}, {@code 5GiB}, {@code 500MB} count bytes; {@code 5B}, {@code 500M}, {@code 10K} and plain numbers
     * count parameters, as in mergekit's help. Zero and negative numbers mean no limit.
     *
     * @throws UsageException if it is no size
     */
    public static ShardSize parse(String text) {
        Matcher matcher = TEXT.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new UsageException(
                    "shard size '" + text + "' is not understood",
                    "write for instance 5GB or 5GiB (bytes), or 5B (parameters, as in mergekit)");
        }
        String suffix = matcher.group(2) == null ? "" : matcher.group(2);
        long factor = switch (suffix) {
            case "" -> 1L;
            case "k", "kb" -> 1_000L;
            case "m", "mb" -> 1_000_000L;
            case "b", "g", "gb" -> 1_000_000_000L;
            case "t", "tb" -> 1_000_000_000_000L;
            case "kib" -> 1L << 10;
            case "mib" -> 1L << 20;
            case "gib" -> 1L << 30;
            default -> 1L << 40;
        };
        long number = Math.max(0, Long.parseLong(matcher.group(1)));
        if (Math.multiplyHigh(number, factor) != 0 || number * factor < 0) {
            throw new UsageException("shard size '" + text + "' is too large", "use 0 for a single file");
        }
        return new ShardSize(number * factor, suffix.length() > 1 ? Unit.BYTES : Unit.PARAMETERS);
    }

    /** Whether a file that holds {@code used} may not take {@code next} as well. */
    boolean exceededBy(long used, long next) {
        return limit > 0 && used > 0 && used + next > limit;
    }

    @Override
    public String toString() {
        return limit == 0 ? "unlimited" : limit + (unit == Unit.BYTES ? " bytes" : " parameters");
    }
}

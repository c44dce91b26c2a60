// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Tables as text: the first column to the left, all others to the right, numbers alike in every locale. */
final class AlignedLines {
    private static final String GAP = "  ";

    private AlignedLines() {}

    /** The lines, which have equally many cells, each with a line feed at its end. */
    static String of(List<List<String>> lines) {
        int[] widths = IntStream.range(0, lines.getFirst().size())
                .map(column -> lines.stream().mapToInt(line -> line.get(column).length()).max().orElse(0))
                .toArray();
        return lines.stream().map(line -> align(line, widths)).collect(Collectors.joining());
    }

    /** Nothing after the last character. */
    private static String align(List<String> cells, int[] widths) {
        StringBuilder line = new StringBuilder(cells.getFirst());
        line.repeat(' ', widths[0] - cells.getFirst().length());
        for (int i = 1; i < widths.length; i++) {
            line.append(GAP).repeat(' ', widths[i] - cells.get(i).length()).append(cells.get(i));
        }
        return line.toString().stripTrailing() + "\n";
    }

    static String decimals(double value, int digits) {
        return String.format(Locale.ROOT, "%." + digits + "f", value);
    }

    /** With its sign, unless all digits are 0. */
    static String difference(double value, int digits) {
        String text = String.format(Locale.ROOT, "%+." + digits + "f", value);
        return text.chars().anyMatch(c -> c >= '1' && c <= '9') ? text : text.substring(1);
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A demo's result as text: one line per model, columns aligned, numbers with one decimal whatever the locale. */
public final class DemoTable {
    private static final String GAP = "  ";

    private DemoTable() {}

    /** The table with its caption; lines end with a line feed. */
    public static String render(DemoResult result) {
        List<List<String>> lines = new ArrayList<>();
        lines.add(header(result));
        lines.add(line(result, result.base()));
        lines.add(line(result, result.experts()));
        result.merges().forEach(row -> lines.add(line(result, row)));

        int[] widths = IntStream.range(0, lines.getFirst().size())
                .map(column -> lines.stream().mapToInt(line -> line.get(column).length()).max().orElse(0))
                .toArray();
        return "Accuracy in % of " + result.testImages()
                + " test images; \"kept\" is the mean of merge / expert over the tasks\n\n"
                + lines.stream().map(line -> align(line, widths)).collect(Collectors.joining());
    }

    private static List<String> header(DemoResult result) {
        List<String> cells = new ArrayList<>(List.of("model"));
        cells.addAll(result.tasks());
        cells.addAll(List.of("mean", "kept", "merge s"));
        return cells;
    }

    private static List<String> line(DemoResult result, DemoResult.Row row) {
        List<String> cells = new ArrayList<>(List.of(row.name()));
        row.accuracies().forEach(accuracy -> cells.add(decimals(accuracy, 1)));
        cells.add(decimals(row.mean(), 1));
        cells.add(decimals(result.normalised(row), 1));
        cells.add(row.seconds().isPresent() ? decimals(row.seconds().getAsDouble(), 2) : "");
        return cells;
    }

    /** Names to the left, numbers to the right, nothing after the last character. */
    private static String align(List<String> cells, int[] widths) {
        StringBuilder line = new StringBuilder(cells.getFirst());
        line.repeat(' ', widths[0] - cells.getFirst().length());
        for (int i = 1; i < widths.length; i++) {
            line.append(GAP).repeat(' ', widths[i] - cells.get(i).length()).append(cells.get(i));
        }
        return line.toString().stripTrailing() + "\n";
    }

    private static String decimals(double value, int digits) {
        return String.format(Locale.ROOT, "%." + digits + "f", value);
    }
}

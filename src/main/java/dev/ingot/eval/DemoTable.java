// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

import java.util.ArrayList;
import java.util.List;

/** A demo's result as text: one line per model, columns aligned, numbers with one decimal whatever the locale. */
public final class DemoTable {
    private DemoTable() {}

    /** The table with its caption; lines end with a line feed. */
    public static String render(DemoResult result) {
        List<List<String>> lines = new ArrayList<>();
        lines.add(header(result));
        lines.add(line(result, result.base()));
        lines.add(line(result, result.experts()));
        result.merges().forEach(row -> lines.add(line(result, row)));

        return "Accuracy in % of " + result.testImages()
                + " test images; \"kept\" is the mean of merge / expert over the tasks\n\n"
                + AlignedLines.of(lines);
    }

    private static List<String> header(DemoResult result) {
        List<String> cells = new ArrayList<>(List.of("model"));
        cells.addAll(result.tasks());
        cells.addAll(List.of("mean", "kept", "merge s"));
        return cells;
    }

    private static List<String> line(DemoResult result, DemoResult.Row row) {
        List<String> cells = new ArrayList<>(List.of(row.name()));
        row.accuracies().forEach(accuracy -> cells.add(AlignedLines.decimals(accuracy, 1)));
        cells.add(AlignedLines.decimals(row.mean(), 1));
        cells.add(AlignedLines.decimals(result.normalised(row), 1));
        cells.add(row.seconds().isPresent() ? AlignedLines.decimals(row.seconds().getAsDouble(), 2) : "");
        return cells;
    }
}

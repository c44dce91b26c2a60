// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import java.util.ArrayList;
import java.util.List;

/** Rows of cells in aligned columns. */
final class Table {
    private final List<List<String>> rows = new ArrayList<>();

    /** Adds a row; rows may differ in length. */
    Table row(String... cells) {
        rows.add(List.of(cells).stream().map(Text::line).toList());
        return this;
    }

    /** The rows as lines, columns two blanks apart, no blanks at the end. */
    List<String> lines() {
        List<Integer> widths = new ArrayList<>();
        for (List<String> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                if (i == widths.size()) {
                    widths.add(0);
                }
                widths.set(i, Math.max(widths.get(i), row.get(i).length()));
            }
        }
        return rows.stream().map(row -> line(row, widths)).toList();
    }

    private static String line(List<String> row, List<Integer> widths) {
        StringBuilder line = new StringBuilder();
        int column = 0;
        for (int i = 0; i < row.size(); i++) {
            line.repeat(' ', column - line.length()).append(row.get(i));
            column += widths.get(i) + 2;
        }
        return line.toString().stripTrailing();
    }
}

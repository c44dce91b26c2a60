// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A benchmark's result as text: one line per row, then how it compares with the reference table. */
public final class QualityTable {
    private final QualityResult result;
    private final boolean normalised;
    private final boolean compared;

    private QualityTable(QualityResult result) {
        this.result = result;
        this.normalised = result.rows().stream().anyMatch(row -> row.normalised().isPresent());
        this.compared = result.rows().stream().anyMatch(row -> row.reference().isPresent());
    }

    /** The table; lines end with a line feed. */
    public static String render(QualityResult result) {
        return new QualityTable(result).render();
    }

    private String render() {
        List<List<String>> lines = new ArrayList<>();
        lines.add(header());
        result.rows().forEach(row -> lines.add(line(row)));
        StringBuilder text = new StringBuilder(AlignedLines.of(lines));
        if (compared) {
            text.append('\n');
            draws().forEach((method, rows) -> text.append(method).append(": means ")
                    .append(range(rows.stream().map(QualityResult.Row::mean).toList()))
                    .append(", reference ")
                    .append(range(rows.stream().map(row -> row.reference().orElseThrow().mean()).toList()))
                    .append(" (other random draws)\n"));
            List<QualityResult.Row> comparable = result.comparable();
            text.append("within ").append(plain(result.tolerance())).append(' ').append(result.unit()).append(": ")
                    .append(comparable.stream().filter(result::agrees).count())
                    .append(" of ").append(comparable.size()).append('\n');
        }
        return text.toString();
    }

    private List<String> header() {
        List<String> cells = new ArrayList<>(List.of("method", "lambda"));
        cells.addAll(result.tasks());
        cells.add("mean");
        if (normalised) {
            cells.add("normalised");
        }
        cells.add("merge s");
        if (compared) {
            cells.addAll(List.of("reference", "difference", "largest"));
        }
        return cells;
    }

    private List<String> line(QualityResult.Row row) {
        List<String> cells = new ArrayList<>(List.of(row.name(), row.lambda()));
        row.scores().forEach(score -> cells.add(score(score)));
        cells.add(score(row.mean()));
        if (normalised) {
            cells.add(row.normalised().isPresent() ? score(row.normalised().getAsDouble()) : "");
        }
        cells.add(row.mergeSeconds().isPresent() ? AlignedLines.decimals(row.mergeSeconds().getAsDouble(), 2) : "");
        if (compared) {
            row.reference().ifPresentOrElse(reference -> cells.addAll(List.of(score(reference.mean()),
                            AlignedLines.difference(row.mean() - reference.mean(), result.digits()),
                            score(row.largestDifference().orElseThrow()))),
                    () -> cells.addAll(List.of("", "", "")));
        }
        return cells;
    }

    /** The rows with a reference whose masks are random, by method. */
    private Map<String, List<QualityResult.Row>> draws() {
        Map<String, List<QualityResult.Row>> draws = new LinkedHashMap<>();
        result.rows().stream()
                .filter(row -> row.reference().isPresent() && row.seed().isPresent())
                .forEach(row -> draws.computeIfAbsent(row.method(), method -> new ArrayList<>()).add(row));
        return draws;
    }

    private String range(List<Double> means) {
        String lowest = score(means.stream().mapToDouble(Double::doubleValue).min().orElse(0));
        String highest = score(means.stream().mapToDouble(Double::doubleValue).max().orElse(0));
        return lowest.equals(highest) ? lowest : lowest + " to " + highest;
    }

    private String score(double score) {
        return AlignedLines.decimals(score, result.digits());
    }

    private static String plain(double tolerance) {
        return String.valueOf(tolerance);
    }
}

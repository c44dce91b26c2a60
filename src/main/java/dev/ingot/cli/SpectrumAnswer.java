// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import dev.ingot.Spectrum;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** A spectrum as tables or as JSON. */
final class SpectrumAnswer {
    private SpectrumAnswer() {}

    /** The lines for people. */
    static List<String> lines(Spectrum spectrum) {
        List<String> lines = new ArrayList<>();
        boolean several = spectrum.models().size() > 1;
        Table models = new Table();
        for (int i = 0; i < spectrum.models().size(); i++) {
            models.row("model " + (i + 1), spectrum.models().get(i).toString());
        }
        spectrum.base().ifPresent(base -> models.row("less", base.toString()));
        lines.addAll(models.lines());
        lines.add("");
        Table table = new Table();
        table.row("tensor", "shape", several ? "model" : "", "largest", "nuclear", "frobenius", "effective rank",
                "stable rank");
        for (Spectrum.Matrix matrix : spectrum.matrices()) {
            for (int i = 0; i < matrix.values().size(); i++) {
                String model = several ? String.valueOf(i + 1) : "";
                matrix.values().get(i).ifPresent(values -> table.row(
                        matrix.tensor(), "[" + matrix.rows() + ", " + matrix.cols() + "]", model,
                        number(values.largest()), number(values.nuclear()), number(values.frobenius()),
                        number(values.effectiveRank()), number(values.stableRank())));
            }
        }
        lines.addAll(table.lines());
        if (!spectrum.layers().isEmpty()) {
            lines.add("");
            lines.addAll(overlaps(spectrum).lines());
        }
        return lines;
    }

    private static Table overlaps(Spectrum spectrum) {
        Table table = new Table();
        List<String> head = new ArrayList<>(List.of("overlap"));
        spectrum.layers().getFirst().overlaps().forEach(pair -> head.add((pair.first() + 1) + "-" + (pair.second() + 1)));
        table.row(head.toArray(String[]::new));
        for (Spectrum.Layer layer : spectrum.layers()) {
            List<String> row = new ArrayList<>(List.of(layer.name()));
            layer.overlaps().forEach(pair -> row.add(pair.share().isPresent()
                    ? String.format(Locale.ROOT, "%.4f", pair.share().getAsDouble())
                    : "-"));
            table.row(row.toArray(String[]::new));
        }
        return table;
    }

    private static String number(double value) {
        return value != 0 && (value < 1e-3 || value >= 1e6)
                ? String.format(Locale.ROOT, "%.4e", value)
                : String.format(Locale.ROOT, "%.4f", value);
    }

    /** The object for programs. */
    static Map<String, Object> json(Spectrum spectrum) {
        return Json.object(
                "schema", "ingot.spectrum/1",
                "models", spectrum.models().stream().map(Path::toString).toList(),
                "base", spectrum.base(),
                "memory", spectrum.memory(),
                "matrices", spectrum.matrices().stream().map(SpectrumAnswer::matrix).toList(),
                "layers", spectrum.layers().stream()
                        .map(layer -> Json.object("name", layer.name(), "overlaps", pairs(layer.overlaps())))
                        .toList(),
                "warnings", spectrum.warnings());
    }

    private static Map<String, Object> matrix(Spectrum.Matrix matrix) {
        return Json.object(
                "tensor", matrix.tensor(),
                "shape", List.of(matrix.rows(), matrix.cols()),
                "models", matrix.values().stream().map(values -> values.map(SpectrumAnswer::values)).toList(),
                "overlaps", pairs(matrix.overlaps()));
    }

    private static Map<String, Object> values(Spectrum.Values values) {
        return Json.object(
                "leading", values.leading(),
                "largest", values.largest(),
                "nuclear", values.nuclear(),
                "frobenius", values.frobenius(),
                "effectiveRank", values.effectiveRank(),
                "stableRank", values.stableRank());
    }

    private static List<Map<String, Object>> pairs(List<Spectrum.Overlap> overlaps) {
        List<Map<String, Object>> pairs = new ArrayList<>();
        overlaps.forEach(pair -> pairs.add(Json.object(
                "models", List.of(pair.first(), pair.second()), "share", optional(pair.share()))));
        return pairs;
    }

    private static Optional<Double> optional(OptionalDouble value) {
        return value.isPresent() ? Optional.of(value.getAsDouble()) : Optional.empty();
    }
}

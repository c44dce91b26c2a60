// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import dev.ingot.Cancellation;
import dev.ingot.eval.QualityBench;
import dev.ingot.eval.QualityResult;
import dev.ingot.eval.QualitySettings;
import dev.ingot.eval.QualityTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ingot quality}. */
@Command(
        description = {
            "Merges trained experts by many methods and measures what the merged models can do.",
            "FAMILY is a directory with base, expert_NAME and data: image tasks with heads, or byte-level Llamas."
        })
final class QualityCommand implements Runnable {
    private final Context context;

    @Parameters(paramLabel = "FAMILY", description = "The directory of the models and of the data they are judged by.")
    private Path family;

    @Option(names = "--methods", paramLabel = "FILE", description = "Measure the methods of this YAML file instead.")
    private Path methods;

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "NAME",
            description = "Only rows whose name contains one of these texts.")
    private List<String> only = List.of();

    @Option(
            names = "--reference",
            paramLabel = "FILE",
            description = "Compare with this table. Default: FAMILY/reference/table.json, if it exists.")
    private Path reference;

    @Option(names = "--json", description = "Answer with one JSON object.")
    private boolean json;

    @Option(names = {"-q", "--quiet"}, description = "Do not tell what is being measured.")
    private boolean quiet;

    QualityCommand(Context context) {
        this.context = context;
    }

    @Override
    public void run() {
        QualitySettings all = QualitySettings.of(family);
        QualitySettings settings = new QualitySettings(
                family, Optional.ofNullable(methods), only, Optional.ofNullable(reference).or(all::reference));
        Cancellation cancellation = new Cancellation();
        context.interrupts().onInterrupt(cancellation::cancel);
        QualityResult result = QualityBench.run(context.ingot(), settings, cancellation, this::tell);
        if (json) {
            context.out().println(Json.text(json(result)));
        } else {
            context.out().print(QualityTable.render(result));
        }
    }

    private void tell(String line) {
        if (!quiet) {
            context.err().println(Text.line(line));
            context.err().flush();
        }
    }

    private static Map<String, Object> json(QualityResult result) {
        return Json.object(
                "schema", "ingot.quality/1",
                "kind", result.kind(),
                "unit", result.unit(),
                "tasks", result.tasks(),
                "rows", result.rows().stream().map(row -> row(result, row)).toList(),
                "tolerance", result.tolerance(),
                "compared", result.comparable().size(),
                "within", result.comparable().stream().filter(result::agrees).count());
    }

    private static Map<String, Object> row(QualityResult result, QualityResult.Row row) {
        Map<String, Object> object = Json.object(
                "name", row.name(),
                "lambdas", row.lambdas().stream().map(Double::valueOf).toList(),
                "scores", byTask(result, row.scores()),
                "mean", row.mean());
        put(object, "normalised", row.normalised());
        put(object, "calibration", row.calibration());
        row.seed().ifPresent(seed -> object.put("seed", seed));
        put(object, "mergeSeconds", row.mergeSeconds());
        object.put("seconds", row.seconds());
        row.reference().ifPresent(known -> {
            Map<String, Object> member = Json.object(
                    "name", known.name(), "scores", byTask(result, known.scores()), "mean", known.mean());
            put(member, "lambda", known.lambda());
            put(member, "largestDifference", row.largestDifference());
            member.put("within", result.agrees(row));
            object.put("reference", member);
        });
        return object;
    }

    private static void put(Map<String, Object> object, String key, OptionalDouble value) {
        value.ifPresent(number -> object.put(key, number));
    }

    private static Map<String, Object> byTask(QualityResult result, List<Double> scores) {
        Map<String, Object> object = new LinkedHashMap<>();
        List<Double> left = new ArrayList<>(scores);
        result.tasks().forEach(task -> object.put(task, left.removeFirst()));
        return object;
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

import dev.ingot.Cancellation;
import dev.ingot.Ingot;
import dev.ingot.error.ConfigException;
import dev.ingot.error.InterruptedMergeException;
import dev.ingot.error.UsageException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Merges a family of trained experts by many methods and measures what the merged models can do. A lambda that is to be
 * tuned is the one with the best mean on the family's calibration data, the smallest of equals; test data decide
 * nothing.
 */
public final class QualityBench {
    private static final double NANOS = 1e9;

    private final QualityFamily family;
    private final ReferenceTable references;
    private final ScratchMerges merges;
    private final Cancellation cancellation;
    private final Consumer<String> progress;

    /** The values of lambda for which a model was made, the one that was chosen, and its score on calibration data. */
    private record Choice(Map<String, String> variables, OptionalDouble calibration) {}

    private QualityBench(QualityFamily family, ReferenceTable references, ScratchMerges merges,
            Cancellation cancellation, Consumer<String> progress) {
        this.family = family;
        this.references = references;
        this.merges = merges;
        this.cancellation = cancellation;
        this.progress = progress;
    }

    /**
     * Measures. Takes minutes, all processors, and room for one merged model in the directory for temporary files.
     *
     * @param ingot        carries out the merges
     * @param cancellation stops the run
     * @param progress     hears of each model in one line, on the calling thread
     * @throws UsageException  if the folder holds no family or no row is chosen
     * @throws ConfigException if a file of methods cannot be understood
     * @throws InterruptedMergeException if it was cancelled
     * @throws dev.ingot.error.IngotException if a merge fails or a model cannot be read
     */
    public static QualityResult run(
            Ingot ingot, QualitySettings settings, Cancellation cancellation, Consumer<String> progress) {
        QualityFamily family = QualityFamily.open(settings.family());
        List<RowTemplate> templates = settings.methods().map(RowFile::read)
                .orElseGet(() -> RowFile.builtIn(family.kind()));
        List<QualityRow> all = templates.stream().flatMap(template -> template.rows(family).stream()).toList();
        List<QualityRow> chosen = all.stream().filter(row -> settings.includes(row.name())).toList();
        if (chosen.isEmpty()) {
            throw new UsageException("no row's name contains " + String.join(" or ", settings.only()),
                    all.stream().map(QualityRow::name).collect(Collectors.joining("; ", "rows are: ", "")));
        }
        requireTunable(chosen, family);
        ReferenceTable references = settings.reference().map(file -> ReferenceTable.read(file, family))
                .orElse(ReferenceTable.NONE);
        List<QualityResult.Row> rows = new ArrayList<>();
        try (ScratchMerges merges = new ScratchMerges(ingot, settings.family(), cancellation)) {
            QualityBench bench = new QualityBench(family, references, merges, cancellation, progress);
            for (QualityRow row : chosen) {
                progress.accept("[" + (rows.size() + 1) + "/" + chosen.size() + "] " + row.name());
                rows.add(bench.measure(row));
            }
        }
        return new QualityResult(
                family.kind(), family.unit(), family.digits(), family.tolerance(), family.tasks(), rows);
    }

    private static void requireTunable(List<QualityRow> rows, QualityFamily family) {
        if (!family.isTunable()) {
            rows.stream().filter(row -> !row.template().tune().isEmpty()).findFirst().ifPresent(row -> {
                throw new ConfigException(
                        "the family has no data to tune lambda on (" + row.template().where() + ")",
                        "list values under 'lambda' instead of 'tune'");
            });
        }
    }

    private QualityResult.Row measure(QualityRow row) {
        long start = System.nanoTime();
        List<Choice> choices = new ArrayList<>();
        List<Double> scores;
        if (row.template().perTask()) {
            scores = new ArrayList<>();
            for (int task = 0; task < family.tasks().size(); task++) {
                scores.add(scoreOwnModel(row, task, choices));
            }
        } else {
            List<Integer> tasks = IntStream.range(0, family.tasks().size()).boxed().toList();
            choices.add(choose(row, variables(row), tasks));
            scores = use(row, choices.getFirst().variables(), family::scores);
        }
        double mean = family.mean(scores);
        progress.accept("mean " + AlignedLines.decimals(mean, family.digits()) + ": " + describe(scores));
        List<String> lambdas = choices.stream().map(choice -> choice.variables().get("lambda"))
                .filter(lambda -> lambda != null).toList();
        boolean tuned = choices.stream().allMatch(choice -> choice.calibration().isPresent());
        Map<String, String> anySeed = new HashMap<>(row.variables());
        anySeed.put("seed", "*");
        return new QualityResult.Row(row.name(),
                Variables.fill(row.template().name(), anySeed, row.template().where()),
                lambdas, row.seed(), scores, mean, family.normalised(scores),
                tuned ? choices.stream().mapToDouble(choice -> choice.calibration().getAsDouble()).average()
                        : OptionalDouble.empty(),
                row.template().isMerge() ? OptionalDouble.of(merges.seconds()) : OptionalDouble.empty(),
                (System.nanoTime() - start) / NANOS,
                references.find(row.reference()));
    }

    private String describe(List<Double> scores) {
        return IntStream.range(0, scores.size())
                .mapToObj(task -> family.tasks().get(task) + " "
                        + AlignedLines.decimals(scores.get(task), family.digits()))
                .collect(Collectors.joining(", "));
    }

    /** The score of a task's own model; that of the base for a task that has no expert. */
    private double scoreOwnModel(QualityRow row, int task, List<Choice> choices) {
        String name = family.tasks().get(task);
        int index = family.experts().indexOf(name);
        if (index < 0) {
            return family.score(family.folder().resolve("base"), task);
        }
        Map<String, String> variables = variables(row);
        variables.put("task", name);
        variables.put("index", String.valueOf(index));
        Choice choice = choose(row, variables, List.of(task));
        choices.add(choice);
        return use(row, choice.variables(), model -> family.score(model, task));
    }

    private Map<String, String> variables(QualityRow row) {
        Map<String, String> variables = new HashMap<>(row.variables());
        variables.put("count", String.valueOf(family.experts().size()));
        variables.put("experts", family.experts().stream()
                .map(name -> "{model: \"expert_" + name + "\"}")
                .collect(Collectors.joining(", ", "[", "]")));
        return variables;
    }

    /** Sets lambda to the best value of those to try; leaves it as it is if there are none. */
    private Choice choose(QualityRow row, Map<String, String> variables, List<Integer> tasks) {
        Choice best = new Choice(Collections.unmodifiableMap(variables), OptionalDouble.empty());
        for (BigDecimal lambda : row.template().tune()) {
            Map<String, String> tried = new HashMap<>(variables);
            tried.put("lambda", lambda.toPlainString());
            double score = use(row, tried, model -> family.calibration(model, tasks));
            progress.accept("lambda " + lambda.toPlainString() + ": "
                    + AlignedLines.decimals(score, family.digits()) + " on calibration data");
            if (best.calibration().isEmpty() || score > best.calibration().getAsDouble()) {
                best = new Choice(tried, OptionalDouble.of(score));
            }
        }
        return best;
    }

    private <T> T use(QualityRow row, Map<String, String> variables, Function<Path, T> measure) {
        if (cancellation.isCancelled()) {
            throw new InterruptedMergeException("the benchmark was interrupted", "run the same command again");
        }
        RowTemplate template = row.template();
        String text = Variables.fill(template.recipe(), variables, template.where());
        return template.isMerge()
                ? merges.merge(text, template.where(), row.seed(), measure)
                : measure.apply(family.folder().resolve(text.strip()));
    }
}

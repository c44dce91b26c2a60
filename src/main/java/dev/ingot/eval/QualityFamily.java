// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

import dev.ingot.checkpoint.ModelConfig;
import dev.ingot.checkpoint.Printable;
import dev.ingot.error.UsageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;

/**
 * A base model, experts that were trained from it and the data that they are judged by: a folder with {@code base},
 * {@code expert_NAME} and {@code data}. Immutable, safe for all threads.
 */
public sealed interface QualityFamily permits VisionFamily, LanguageFamily {
    /**
     * Finds out what kind of family a folder holds, and reads its data.
     *
     * @throws UsageException if it holds none
     * @throws dev.ingot.error.CheckpointException if its data cannot be read
     */
    static QualityFamily open(Path folder) {
        Path data = folder.resolve("data");
        if (Files.isDirectory(data)) {
            if (Files.isDirectory(folder.resolve("heads"))) {
                return VisionFamily.load(folder);
            }
            Path config = folder.resolve("base").resolve("config.json");
            if (Files.isRegularFile(config)
                    && ModelConfig.read(config).modelType().filter("llama"::equals).isPresent()) {
                return LanguageFamily.load(folder);
            }
        }
        throw new UsageException(
                Printable.path(folder) + ": neither image models with heads and data nor Llama models with data",
                "give a family's directory; docs/quality.md says what it holds");
    }

    /** What sort of family it is, and the name of its rows' resource: {@code vision} or {@code language}. */
    String kind();

    /** What scores are, for instance {@code bits per byte}. */
    String unit();

    /** The folder. */
    Path folder();

    /** What every model is judged by, the columns of the result. */
    List<String> tasks();

    /** The tasks that there is an expert for, {@code expert_NAME}; their scores make up the mean. */
    List<String> experts();

    /** The scores of a model on all tasks. Uses all processors. */
    List<Double> scores(Path model);

    /** The score of a model on one task. */
    double score(Path model, int task);

    /** Whether there are data to choose settings on. */
    boolean isTunable();

    /**
     * The score on the data that settings are chosen on, where higher is better.
     *
     * @param tasks the tasks that count, as indices
     */
    double calibration(Path model, List<Integer> tasks);

    /** The mean over the tasks of scores relative to the expert's, in percent; empty where scores are no shares. */
    OptionalDouble normalised(List<Double> scores);

    /** How far scores may be from a reference and still agree with it. */
    double tolerance();

    /** Digits after the point that scores are shown with. */
    int digits();

    /** The key of a row's scores in reference tables. */
    String referenceKey();

    /** What scores in reference tables are multiplied with. */
    double referenceScale();

    /** The mean over the tasks that have an expert. */
    default double mean(List<Double> scores) {
        return experts().stream().mapToDouble(task -> scores.get(tasks().indexOf(task))).average().orElse(0);
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

import dev.ingot.checkpoint.Printable;
import dev.ingot.error.ResourceException;
import dev.ingot.error.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** Carries out every merge of {@code examples/vision-experts} and measures what the merged models can do. */
public final class VisionDemo {
    private static final double NANOS = 1e9;
    private static final String HINT = "Give the folder examples/vision-experts of Ingot's sources.";

    private final Path examples;
    private final List<VisionTask> tasks;

    private VisionDemo(Path examples, List<VisionTask> tasks) {
        this.examples = examples;
        this.tasks = List.copyOf(tasks);
    }

    /**
     * Evaluates the base on all tasks and every expert on its own, then merges each {@code merges/*.yml} (in the order
     * of their names) and evaluates the result on all tasks. Takes some seconds; uses all cores.
     *
     * @param examples folder with {@code base}, {@code expert_TASK}, {@code heads}, {@code data} and {@code merges}
     * @param out      folder for the merged models, one subfolder each; made if it does not exist
     * @param merger   carries out the merges
     * @throws UsageException    if there is no task or no merge in the folder
     * @throws ResourceException if the output folder cannot be made
     * @throws dev.ingot.error.CheckpointException if a model, head or data file cannot be read
     */
    public static DemoResult run(Path examples, Path out, Merger merger) {
        List<Path> data = FamilyFiles.list(examples.resolve("data"), "*.safetensors", HINT);
        List<Path> configs = FamilyFiles.list(examples.resolve("merges"), "*.yml", HINT);
        try {
            Files.createDirectories(out);
        } catch (IOException e) {
            throw new ResourceException(Printable.path(out) + ": cannot make this folder",
                    "Give an output folder that can be written.", e);
        }
        List<VisionTask> tasks = data.stream().map(FamilyFiles::stem)
                .map(name -> VisionTask.load(examples, name))
                .toList();
        return new VisionDemo(examples, tasks).run(configs, out, merger);
    }

    private DemoResult run(List<Path> configs, Path out, Merger merger) {
        DemoResult.Row base = evaluate("base", examples.resolve("base"), OptionalDouble.empty());
        DemoResult.Row experts = evaluateExperts();
        List<DemoResult.Row> merges = new ArrayList<>();
        for (Path config : configs) {
            long start = System.nanoTime();
            Path merged = merger.merge(config, examples, out.resolve(FamilyFiles.stem(config)));
            double seconds = (System.nanoTime() - start) / NANOS;
            merges.add(evaluate(FamilyFiles.stem(config), merged, OptionalDouble.of(seconds)));
        }
        return new DemoResult(tasks.stream().map(VisionTask::name).toList(),
                tasks.stream().mapToInt(VisionTask::size).sum(), base, experts, merges);
    }

    private DemoResult.Row evaluate(String name, Path location, OptionalDouble seconds) {
        MlpModel model = MlpModel.load(location);
        return new DemoResult.Row(name, tasks.stream().map(task -> Accuracy.percent(model, task)).toList(), seconds);
    }

    private DemoResult.Row evaluateExperts() {
        List<Double> accuracies = tasks.stream()
                .map(task -> Accuracy.percent(MlpModel.load(examples.resolve("expert_" + task.name())), task))
                .toList();
        return new DemoResult.Row("experts, each on its task", accuracies, OptionalDouble.empty());
    }
}

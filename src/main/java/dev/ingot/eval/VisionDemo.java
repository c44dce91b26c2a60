// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

import dev.ingot.checkpoint.Printable;
import dev.ingot.error.ResourceException;
import dev.ingot.error.UsageException;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** Carries out every merge of {@code examples/vision-experts} and measures what the merged models can do. */
public final class VisionDemo {
    private static final double NANOS = 1e9;

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
        List<Path> data = list(examples, "data", "*.safetensors");
        List<Path> configs = list(examples, "merges", "*.yml");
        try {
            Files.createDirectories(out);
        } catch (IOException e) {
            throw new ResourceException(Printable.path(out) + ": cannot make this folder",
                    "Give an output folder that can be written.", e);
        }
        VisionDemo demo =
                new VisionDemo(examples, data.stream().map(file -> VisionTask.load(examples, stem(file))).toList());
        return demo.run(configs, out, merger);
    }

    private DemoResult run(List<Path> configs, Path out, Merger merger) {
        DemoResult.Row base = evaluate("base", examples.resolve("base"), OptionalDouble.empty());
        DemoResult.Row experts = evaluateExperts();
        List<DemoResult.Row> merges = new ArrayList<>();
        for (Path config : configs) {
            long start = System.nanoTime();
            Path merged = merger.merge(config, examples, out.resolve(stem(config)));
            double seconds = (System.nanoTime() - start) / NANOS;
            merges.add(evaluate(stem(config), merged, OptionalDouble.of(seconds)));
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

    private static List<Path> list(Path examples, String folder, String glob) {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(examples.resolve(folder), glob)) {
            entries.forEach(files::add);
        } catch (IOException | DirectoryIteratorException e) {
            throw noExamples(examples.resolve(folder), "cannot list this folder", e);
        }
        if (files.isEmpty()) {
            throw noExamples(examples.resolve(folder), "no file " + glob + " in it", null);
        }
        files.sort(null);
        return files;
    }

    private static UsageException noExamples(Path folder, String fault, Exception cause) {
        return new UsageException(Printable.path(folder) + ": " + fault,
                "Give the folder examples/vision-experts of Ingot's sources.", cause);
    }

    private static String stem(Path file) {
        String name = file.getFileName().toString();
        return name.substring(0, name.lastIndexOf('.'));
    }
}

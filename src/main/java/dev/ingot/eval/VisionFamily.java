// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

import dev.ingot.checkpoint.ModelConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** Image tasks with one expert and one head each, judged by accuracy in percent. */
final class VisionFamily implements QualityFamily {
    private static final double PERCENT = 100;

    private final Path folder;
    private final List<VisionTask> tasks;
    private final List<VisionTask> calibration;
    private final List<Double> experts;

    private VisionFamily(Path folder, List<VisionTask> tasks, List<VisionTask> calibration, List<Double> experts) {
        this.folder = folder;
        this.tasks = List.copyOf(tasks);
        this.calibration = List.copyOf(calibration);
        this.experts = List.copyOf(experts);
    }

    /** Tasks in the order of {@code family.json}, or by name where there is no such file. */
    static VisionFamily load(Path folder) {
        List<VisionTask> tasks = new ArrayList<>();
        List<VisionTask> calibration = new ArrayList<>();
        List<Double> experts = new ArrayList<>();
        for (String name : names(folder)) {
            VisionTask task = VisionTask.load(folder, name);
            tasks.add(task);
            VisionTask.loadCalibration(folder, name).ifPresent(calibration::add);
            experts.add(Accuracy.percent(MlpModel.load(folder.resolve("expert_" + name)), task));
        }
        return new VisionFamily(folder, tasks, calibration, experts);
    }

    private static List<String> names(Path folder) {
        Path file = folder.resolve("family.json");
        Optional<List<String>> listed = Optional.of(file).filter(Files::isRegularFile)
                .map(json -> ModelConfig.read(json).strings("tasks"))
                .filter(names -> !names.isEmpty());
        Path data = folder.resolve("data");
        List<String> names = listed.orElseGet(() -> FamilyFiles
                .list(data, "*.safetensors", "docs/quality.md says what a family's directory holds")
                .stream().map(FamilyFiles::stem).toList());
        return names.stream().map(name -> FamilyFiles.requireName(name, listed.isPresent() ? file : data))
                .distinct().toList();
    }

    @Override
    public String kind() {
        return "vision";
    }

    @Override
    public String unit() {
        return "points";
    }

    @Override
    public Path folder() {
        return folder;
    }

    @Override
    public List<String> tasks() {
        return tasks.stream().map(VisionTask::name).toList();
    }

    @Override
    public List<String> experts() {
        return tasks();
    }

    @Override
    public List<Double> scores(Path location) {
        MlpModel model = MlpModel.load(location);
        return tasks.stream().map(task -> Accuracy.percent(model, task)).toList();
    }

    @Override
    public double score(Path location, int task) {
        return Accuracy.percent(MlpModel.load(location), tasks.get(task));
    }

    @Override
    public boolean isTunable() {
        return calibration.size() == tasks.size();
    }

    @Override
    public double calibration(Path location, List<Integer> chosen) {
        MlpModel model = MlpModel.load(location);
        return chosen.stream().mapToDouble(task -> Accuracy.percent(model, calibration.get(task))).average().orElse(0);
    }

    @Override
    public OptionalDouble normalised(List<Double> scores) {
        double sum = 0;
        for (int i = 0; i < scores.size(); i++) {
            sum += PERCENT * scores.get(i) / experts.get(i);
        }
        return OptionalDouble.of(sum / scores.size());
    }

    @Override
    public double tolerance() {
        return 0.3;
    }

    @Override
    public int digits() {
        return 1;
    }

    @Override
    public String referenceKey() {
        return "acc";
    }

    @Override
    public double referenceScale() {
        return PERCENT;
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

import dev.ingot.checkpoint.Printable;
import dev.ingot.error.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/** Byte-level Llamas, judged by the bits per byte of held-out texts. */
final class LanguageFamily implements QualityFamily {
    private final Path folder;
    private final List<String> tasks;
    private final List<String> experts;
    private final List<byte[]> texts;

    private LanguageFamily(Path folder, List<String> tasks, List<String> experts, List<byte[]> texts) {
        this.folder = folder;
        this.tasks = List.copyOf(tasks);
        this.experts = List.copyOf(experts);
        this.texts = List.copyOf(texts);
    }

    /** Texts with an expert first, then the others, each by name. */
    static LanguageFamily load(Path folder) {
        Path data = folder.resolve("data");
        List<String> experts = new ArrayList<>();
        List<String> others = new ArrayList<>();
        for (Path file : FamilyFiles.list(data, "*.txt", "docs/quality.md says what a family's directory holds")) {
            String name = FamilyFiles.requireName(FamilyFiles.stem(file), data);
            (Files.isDirectory(folder.resolve("expert_" + name)) ? experts : others).add(name);
        }
        List<String> tasks = new ArrayList<>(experts);
        tasks.addAll(others);
        return new LanguageFamily(folder, tasks, experts,
                tasks.stream().map(name -> read(data.resolve(name + ".txt"))).toList());
    }

    private static byte[] read(Path file) {
        byte[] text;
        try {
            text = Files.readAllBytes(file);
        } catch (IOException e) {
            throw new CheckpointException(Printable.path(file) + ": cannot be read", "Check the file.", e);
        }
        if (text.length < BitsPerByte.PIECE) {
            throw new CheckpointException(
                    Printable.path(file) + ": has " + text.length + " bytes, and the first piece takes "
                            + BitsPerByte.PIECE,
                    "Give a longer text.");
        }
        return text;
    }

    @Override
    public String kind() {
        return "language";
    }

    @Override
    public String unit() {
        return "bits per byte";
    }

    @Override
    public Path folder() {
        return folder;
    }

    @Override
    public List<String> tasks() {
        return tasks;
    }

    @Override
    public List<String> experts() {
        return experts;
    }

    @Override
    public List<Double> scores(Path location) {
        LlamaModel model = LlamaModel.load(location);
        return IntStream.range(0, tasks.size()).mapToObj(task -> bits(model, task)).toList();
    }

    @Override
    public double score(Path location, int task) {
        return bits(LlamaModel.load(location), task);
    }

    private double bits(LlamaModel model, int task) {
        return BitsPerByte.of(model, texts.get(task));
    }

    @Override
    public boolean isTunable() {
        return false;
    }

    @Override
    public double calibration(Path location, List<Integer> chosen) {
        throw new IllegalStateException("nothing to tune on");
    }

    @Override
    public OptionalDouble normalised(List<Double> scores) {
        return OptionalDouble.empty();
    }

    @Override
    public double tolerance() {
        return 0.01;
    }

    @Override
    public int digits() {
        return 3;
    }

    @Override
    public String referenceKey() {
        return "bpb";
    }

    @Override
    public double referenceScale() {
        return 1;
    }
}

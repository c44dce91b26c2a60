// SPDX-License-Identifier: Apache-2.0
package dev.ingot.arch;

import dev.ingot.checkpoint.ModelConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The names of a small model as transformers saves it, see {@code src/test/resources/arch/README.md}.
 *
 * @param title  family and class
 * @param json   the keys of its config.json that matter
 * @param tensors names with what is expected of them
 * @param tied   pairs of names that are one tensor
 */
record GoldenModel(String title, String json, Map<String, Expected> tensors, List<List<String>> tied) {
    private static final Path FILES = Path.of("src/test/resources/arch");

    /**
     * @param kind E embedding, H head, L layer, B buffer, - other
     * @param numbers the numbers among the components of the name
     */
    record Expected(char kind, List<Integer> numbers) {}

    /** All models of all families. */
    static List<GoldenModel> all() {
        try (var files = Files.list(FILES)) {
            List<GoldenModel> models = new ArrayList<>();
            for (Path file : files.filter(path -> path.toString().endsWith(".txt")).sorted().toList()) {
                String family = file.getFileName().toString().replace(".txt", "");
                String[] blocks = Files.readString(file).split("\nmodel ");
                for (int i = 1; i < blocks.length; i++) {
                    models.add(read(family, blocks[i].strip().lines().toList()));
                }
            }
            return models;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static GoldenModel read(String family, List<String> lines) {
        Map<String, Expected> tensors = new LinkedHashMap<>();
        List<List<String>> tied = new ArrayList<>();
        String json = "";
        for (String line : lines.subList(1, lines.size())) {
            String[] words = line.split(" ", 2);
            switch (words[0]) {
                case "config" -> json = words[1];
                case "tied" -> tied.add(List.of(words[1].split(" ")));
                default -> expand(words[1], words[0].charAt(0), List.of(), tensors);
            }
        }
        return new GoldenModel(family + " " + lines.getFirst(), json, tensors, tied);
    }

    /** {@code a.{0-2}.b} stands for three names. */
    private static void expand(String pattern, char kind, List<Integer> numbers, Map<String, Expected> tensors) {
        int open = pattern.indexOf('{');
        if (open < 0) {
            tensors.put(pattern, new Expected(kind, numbers));
            return;
        }
        int close = pattern.indexOf('}');
        for (String part : pattern.substring(open + 1, close).split(",")) {
            String[] ends = part.split("-");
            IntStream.rangeClosed(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1])).forEach(number -> {
                List<Integer> more = new ArrayList<>(numbers);
                more.add(number);
                expand(pattern.substring(0, open) + number + pattern.substring(close + 1), kind, more, tensors);
            });
        }
    }

    ModelConfig config(Path directory) throws IOException {
        return ModelConfig.read(Files.writeString(directory.resolve("config.json"), json));
    }

    @Override
    public String toString() {
        return title;
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import dev.ingot.checkpoint.TestJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * One golden case: a folder with {@code case.json}, the expected {@code model.safetensors} and, for some, a mergekit
 * configuration.
 *
 * @param name       its path below the root of the set
 * @param folder     where it lies
 * @param method     what computed it
 * @param family     the folder with the models
 * @param config     the mergekit configuration, if it has one
 * @param models     otherwise: the models
 * @param parameters otherwise: the parameters
 * @param seed       the seed of random masks, if they are those of mergekit
 * @param compare    the name of the metric
 * @param tolerance  largest allowed error
 * @param notes      remarks of whoever made it
 * @param unknown    keys and options of case.json that this runner does not know and that may change what is expected
 */
record GoldenCase(
        String name,
        Path folder,
        String method,
        Path family,
        Optional<Path> config,
        List<String> models,
        Map<String, Object> parameters,
        OptionalLong seed,
        String compare,
        double tolerance,
        String notes,
        Set<String> unknown) {
    static final String FILE_NAME = "case.json";

    /** The one option of mergekit's command line that cases may have: random masks depend on it, and on their generator. */
    private static final String SEED = "random_seed";

    private static final String RNG = "rng";
    private static final String MERGEKIT = "mergekit";

    private static final Set<String> KNOWN = Set.of(
            "method", "family", "config", "models", "parameters", "compare", "tolerance", "notes", "kind", "source",
            "inputs", "scalars", "options");

    /** All cases below a directory, by name. */
    static List<GoldenCase> below(Path root) {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> file.getFileName().toString().equals(FILE_NAME))
                    .sorted()
                    .map(file -> read(root, file))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static GoldenCase read(Path root, Path file) {
        Map<String, Object> json = TestJson.object(TestJson.read(file));
        Path folder = file.getParent();
        Set<String> unknown = new TreeSet<>(json.keySet());
        unknown.removeAll(KNOWN);
        Map<String, Object> options = TestJson.object(json.getOrDefault("options", Map.of()));
        options.forEach((name, value) -> {
            if (!name.equals(SEED) && !(name.equals(RNG) && value.equals(MERGEKIT))) {
                unknown.add(name + " " + value);
            }
        });
        return new GoldenCase(
                root.relativize(folder).toString(),
                folder,
                String.valueOf(json.get("method")),
                family(folder, String.valueOf(json.get("family"))),
                Optional.ofNullable(json.get("config")).map(name -> folder.resolve(name.toString())),
                TestJson.list(json.getOrDefault("models", List.of())).stream().map(String::valueOf).toList(),
                TestJson.object(json.getOrDefault("parameters", Map.of())),
                MERGEKIT.equals(options.get(RNG)) && options.get(SEED) instanceof Number seed
                        ? OptionalLong.of(seed.longValue())
                        : OptionalLong.empty(),
                String.valueOf(json.getOrDefault("compare", "max_abs")),
                json.get("tolerance") instanceof Number number ? number.doubleValue() : 0,
                String.valueOf(json.getOrDefault("notes", "")),
                unknown);
    }

    /** A path relative to the case, or a folder of the nearest {@code families/} around it. */
    private static Path family(Path folder, String name) {
        Path own = folder.resolve(name).normalize();
        if (Files.isDirectory(own)) {
            return own;
        }
        for (Path around = folder.toAbsolutePath(); around != null; around = around.getParent()) {
            Path found = around.resolve("families").resolve(name);
            if (Files.isDirectory(found)) {
                return found;
            }
        }
        throw new IllegalStateException(folder + ": there is no family " + name);
    }

    /** The tensors that the case expects. */
    Path expected() {
        return folder.resolve("model.safetensors");
    }

    /** Whether only some of the result's tensors are stored. */
    boolean subset() {
        return notes.contains("subset") || config.isEmpty();
    }
}

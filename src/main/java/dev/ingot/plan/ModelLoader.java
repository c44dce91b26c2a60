// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.checkpoint.Checkpoint;
import dev.ingot.config.ModelReference;
import dev.ingot.error.CheckpointException;
import dev.ingot.error.ConfigException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Finds and opens the models that a configuration names. */
final class ModelLoader {
    private final List<Path> roots;
    private final Map<String, Path> results;

    /**
     * @param roots   where relative paths are looked up, first match wins
     * @param results directories that are meant by names
     */
    ModelLoader(List<Path> roots, Map<String, Path> results) {
        this.roots = List.copyOf(roots);
        this.results = Map.copyOf(results);
    }

    /** Whether another merge makes the model. */
    boolean isResult(ModelReference model) {
        return results.containsKey(model.path());
    }

    Checkpoint open(ModelReference model) {
        if (model.lora().isPresent()) {
            throw new ConfigException(
                    "model " + model + ": LoRA adapters are not merged on the fly",
                    "merge the adapter into its model first and name the result");
        }
        if (model.revision().isPresent()) {
            throw new ConfigException(
                    "model " + model + ": revisions exist only on the Hub, and Ingot reads local files",
                    "download that revision and give its directory");
        }
        return Checkpoint.open(isResult(model) ? results.get(model.path()) : find(model));
    }

    private Path find(ModelReference model) {
        try {
            Path path = Path.of(model.path());
            return roots.stream()
                    .map(root -> root.resolve(path))
                    .filter(Files::exists)
                    .findFirst()
                    .orElseThrow(() -> new CheckpointException(
                            "model " + model + ": no such directory or file"
                                    + (path.isAbsolute() ? "" : ", looked in " + places()),
                            "check the path; models of the Hub must be downloaded first (hf download " + model + ")"));
        } catch (InvalidPathException e) {
            throw new ConfigException("model " + model + ": not a path", "give a local directory or file", e);
        }
    }

    private String places() {
        return String.join(
                " and ",
                roots.stream().map(root -> root.toAbsolutePath().normalize().toString()).distinct().toList());
    }
}

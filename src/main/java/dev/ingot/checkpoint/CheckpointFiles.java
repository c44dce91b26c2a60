// SPDX-License-Identifier: Apache-2.0
package dev.ingot.checkpoint;

import dev.ingot.error.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Finds the files of a checkpoint, or says why there is none where the user pointed. */
sealed interface CheckpointFiles {
    /** One safetensors file. */
    record Single(Path file) implements CheckpointFiles {}

    /** Several safetensors files with an index beside them. */
    record Sharded(Path index) implements CheckpointFiles {}

    /** Usual name of an unsharded checkpoint in a directory. */
    String SINGLE_NAME = "model.safetensors";

    /**
     * Finds the files for a directory, a safetensors file or an index file.
     *
     * @throws CheckpointException if there is nothing to read
     */
    static CheckpointFiles locate(Path location) {
        BasicFileAttributes attributes = FileFaults.attributes(location).orElseThrow(() -> missing(location));
        if (!attributes.isDirectory()) {
            boolean index = location.getFileName().toString().endsWith(ShardIndex.SUFFIX);
            return index ? new Sharded(location) : new Single(location);
        }
        Path index = location.resolve(ShardIndex.FILE_NAME);
        if (present(index)) {
            return new Sharded(index);
        }
        Path single = location.resolve(SINGLE_NAME);
        if (present(single)) {
            return new Single(single);
        }
        throw noWeights(location);
    }

    /** A dangling link counts as present: opening it names the real trouble. */
    private static boolean present(Path path) {
        return FileFaults.attributes(path).isPresent() || Files.isSymbolicLink(path);
    }

    private static CheckpointException missing(Path location) {
        if (Files.isSymbolicLink(location)) {
            return FileFaults.missing(location);
        }
        return new CheckpointException(Printable.path(location) + ": no such file or directory",
                "Give a local directory or .safetensors file; download models of a hub first (hf download NAME).");
    }

    private static CheckpointException noWeights(Path directory) {
        List<String> names;
        try (Stream<Path> entries = Files.list(directory)) {
            names = entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new CheckpointException(Printable.path(directory) + ": the directory cannot be listed",
                    "Check its permissions.", e);
        }
        String what = names.isEmpty() ? ": the directory is empty"
                : ": neither " + ShardIndex.FILE_NAME + " nor " + SINGLE_NAME + " in the directory";
        return new CheckpointException(Printable.path(directory) + what, hint(directory, names));
    }

    private static String hint(Path directory, List<String> names) {
        if (names.isEmpty()) {
            return "Check the path, or download the model again.";
        }
        if (names.contains("snapshots")) {
            return "This is the root of a download cache: give a directory below its 'snapshots'.";
        }
        if (names.contains("adapter_config.json") || names.contains("adapter_model.safetensors")) {
            return "This is a LoRA adapter, not a whole model: give it together with its base model.";
        }
        Optional<String> index = first(names, name -> name.endsWith(".safetensors" + ShardIndex.SUFFIX));
        Optional<String> weights = index.or(() -> first(names, name -> name.endsWith(".safetensors")));
        if (weights.isPresent()) {
            return "The directory holds " + Printable.quote(weights.get()) + ": give the path of that file itself.";
        }
        Optional<String> pickle = first(names, name -> name.endsWith(".bin") || name.endsWith(".pt")
                || name.endsWith(".pth") || name.endsWith(".ckpt") || name.endsWith(".bin" + ShardIndex.SUFFIX));
        if (pickle.isPresent()) {
            return "Found " + Printable.quote(pickle.get()) + " only: convert the PyTorch weights to safetensors, "
                    + "for example with transformers' save_pretrained.";
        }
        Optional<String> gguf = first(names, name -> name.endsWith(".gguf"));
        if (gguf.isPresent()) {
            return "Found " + Printable.quote(gguf.get()) + " only: use the model's safetensors files instead.";
        }
        return "Check the path, or download the model's weights.";
    }

    private static Optional<String> first(List<String> names, Predicate<String> test) {
        return names.stream().filter(test).findFirst();
    }
}

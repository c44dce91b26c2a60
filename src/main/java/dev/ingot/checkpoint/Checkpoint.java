// SPDX-License-Identifier: Apache-2.0
package dev.ingot.checkpoint;

import dev.ingot.error.CheckpointException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The tensors of a model on disk: one safetensors file, or a Hugging Face directory with one file or with shards and an
 * index. Opening reads and checks headers only and keeps no file open. Immutable.
 */
public final class Checkpoint {
    private final Path location;
    private final Path directory;
    private final List<SafetensorsHeader> files;
    private final SortedMap<String, TensorRef> tensors;
    private final List<String> warnings;

    private Checkpoint(Path location, Path directory, List<SafetensorsHeader> files,
            SortedMap<String, TensorRef> tensors, List<String> warnings) {
        this.location = location;
        this.directory = directory;
        this.files = List.copyOf(files);
        this.tensors = Collections.unmodifiableSortedMap(tensors);
        this.warnings = List.copyOf(warnings);
    }

    /**
     * Opens a directory (an index wins over a single file, as everywhere in the field), a safetensors file or an index
     * file. Blocking; reads every header.
     *
     * @throws CheckpointException if something is missing, unreadable or breaks a rule; names file and tensor
     */
    public static Checkpoint open(Path location) {
        return switch (CheckpointFiles.locate(location)) {
            case CheckpointFiles.Single single -> openSingle(location, single.file());
            case CheckpointFiles.Sharded sharded -> openSharded(location, sharded.index());
        };
    }

    private static Checkpoint openSingle(Path location, Path file) {
        SafetensorsHeader header = SafetensorsHeaderReader.read(file);
        SortedMap<String, TensorRef> tensors = new TreeMap<>(NameOrder.UTF8);
        tensors.putAll(header.tensors());
        return new Checkpoint(location, directoryOf(file), List.of(header), tensors, List.of());
    }

    private static Checkpoint openSharded(Path location, Path index) {
        Path directory = directoryOf(index);
        SequencedMap<String, String> weightMap = ShardIndex.readWeightMap(index);
        List<SafetensorsHeader> shards = readShards(index, directory, weightMap);
        SortedMap<String, TensorRef> tensors = new TreeMap<>(NameOrder.UTF8);
        List<String> warnings = new ArrayList<>();
        for (SafetensorsHeader shard : shards) {
            shard.tensors().forEach((name, tensor) -> {
                TensorRef other = tensors.put(name, tensor);
                if (other != null) {
                    throw new CheckpointException(
                            Printable.path(tensor.file()) + ": tensor " + Printable.quote(name) + " is also in "
                                    + Printable.path(other.file()),
                            "Two shards hold one tensor, so which is meant cannot be told: download the model again.");
                }
            });
        }
        weightMap.forEach((name, shard) -> requireInShard(index, directory.resolve(shard), name, tensors.get(name)));
        tensors.values().removeIf(tensor -> {
            boolean unlisted = !weightMap.containsKey(tensor.name());
            if (unlisted) {
                warnings.add(Printable.path(tensor.file()) + ": tensor " + Printable.quote(tensor.name())
                        + " is not in " + index.getFileName() + " and is left out");
            }
            return unlisted;
        });
        return new Checkpoint(location, directory, shards, tensors, warnings);
    }

    private static List<SafetensorsHeader> readShards(Path index, Path directory, Map<String, String> weightMap) {
        List<SafetensorsHeader> shards = new ArrayList<>();
        for (String name : new TreeSet<>(weightMap.values())) {
            Path shard = directory.resolve(name);
            if (FileFaults.attributes(shard).isEmpty() && !Files.isSymbolicLink(shard)) {
                throw new CheckpointException(
                        Printable.path(shard) + ": no such file, but " + index.getFileName() + " lists it",
                        "The download is incomplete: download the model again.");
            }
            shards.add(SafetensorsHeaderReader.read(shard));
        }
        return shards;
    }

    private static void requireInShard(Path index, Path shard, String name, TensorRef found) {
        if (found == null || !found.file().equals(shard)) {
            throw new CheckpointException(
                    Printable.path(shard) + ": tensor " + Printable.quote(name) + " is not in the file, but "
                            + index.getFileName() + " lists it there"
                            + (found == null ? "" : "; it is in " + found.file().getFileName()),
                    "Index and shards do not belong together: download the model again.");
        }
    }

    /** Where the user pointed: a directory, a weight file or an index file. */
    public Path location() {
        return location;
    }

    /** The directory that holds the weight files. */
    public Path directory() {
        return directory;
    }

    /** The tensors by name, in {@link NameOrder#UTF8}. */
    public SortedMap<String, TensorRef> tensors() {
        return tensors;
    }

    /** The tensor of this name. */
    public Optional<TensorRef> find(String name) {
        return Optional.ofNullable(tensors.get(name));
    }

    /** The headers of the weight files, in the order of their names. */
    public List<SafetensorsHeader> files() {
        return files;
    }

    /** The file {@code config.json} beside the weights, if there is one. */
    public Optional<Path> configJson() {
        return Optional.of(directory.resolve("config.json")).filter(path -> FileFaults.attributes(path).isPresent());
    }

    /** Size of the data of all tensors in bytes. */
    public long totalBytes() {
        return tensors.values().stream().mapToLong(TensorRef::bytes).sum();
    }

    /** What is odd about the checkpoint but does not hinder reading, one line each. */
    public List<String> warnings() {
        return warnings;
    }

    private static Path directoryOf(Path file) {
        Path parent = file.getParent();
        return parent == null ? Path.of("") : parent;
    }
}

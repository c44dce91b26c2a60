// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.checkpoint.Checkpoint;
import dev.ingot.checkpoint.NameOrder;
import dev.ingot.checkpoint.ShardIndex;
import dev.ingot.config.MergeConfig;
import dev.ingot.config.ModelReference;
import dev.ingot.method.MethodSpec;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Stream;

/**
 * All that a merge will do. Immutable; made by {@link Planner}.
 *
 * @param config       the configuration it was made from
 * @param product      what is made
 * @param tasks        names of the tasks whose masks are made, in the order of the models
 * @param method       the merge method
 * @param models       the opened inputs, in the order in which the configuration names them; last those that only give
 *                     tokens
 * @param companions   the opened checkpoints that belong to models without being merged, in the order of the configuration
 * @param donor        whose config.json and tokenizer the output gets
 * @param tokenization the output's tokenizer and what follows from it
 * @param tensors      the output tensors, in the order of their place in the output
 * @param shards       the output files
 * @param configChanges values of config.json that differ from the donor's because of the tensors, by key with dots between
 *                     levels
 * @param output       the output directory
 * @param seed         seed of random masks
 * @param rng          how random numbers are made
 * @param resources    threads, memory and tiles
 * @param warnings     what the user should know before starting, one line each
 * @param hash         identifies the result: same hash, same bytes
 * @param keys         identify each tensor's bytes and place in a file: same key, same bytes, also in another plan
 */
public record Plan(
        MergeConfig config,
        Product product,
        List<String> tasks,
        MethodSpec method,
        SequencedMap<ModelReference, Checkpoint> models,
        SequencedMap<ModelReference, Checkpoint> companions,
        ModelReference donor,
        Tokenization tokenization,
        List<PlannedTensor> tensors,
        List<PlannedShard> shards,
        Map<String, Object> configChanges,
        Path output,
        long seed,
        Rng rng,
        Resources resources,
        List<String> warnings,
        String hash,
        List<String> keys) {

    /** Name of the file in the output directory that notes what is finished; it begins with the plan's hash. */
    public static final String JOURNAL = ".ingot-journal";

    /** Copies the lists. */
    public Plan {
        tasks = List.copyOf(tasks);
        tensors = List.copyOf(tensors);
        shards = List.copyOf(shards);
        keys = List.copyOf(keys);
        warnings = List.copyOf(warnings);
        configChanges = Collections.unmodifiableMap(new LinkedHashMap<>(configChanges));
    }

    /** All checkpoints that are read. */
    public List<Checkpoint> inputs() {
        return inputs(models, companions);
    }

    static List<Checkpoint> inputs(
            SequencedMap<ModelReference, Checkpoint> models, SequencedMap<ModelReference, Checkpoint> companions) {
        return Stream.concat(models.values().stream(), companions.values().stream()).toList();
    }

    /** The checkpoint whose config.json and tokenizer the output gets. */
    public Checkpoint donorCheckpoint() {
        return models.get(donor);
    }

    /** Input bytes of all passes. */
    public long bytesToRead() {
        return tensors.stream().mapToLong(PlannedTensor::bytesToRead).sum();
    }

    /** Size of all output files. */
    public long bytesToWrite() {
        return shards.stream().mapToLong(shard -> shard.layout().fileSize()).sum();
    }

    /** Number of output parameters. */
    public long parameters() {
        return tensors.stream().filter(tensor -> !tensor.isBits())
                .mapToLong(tensor -> tensor.stored().shape().elements())
                .sum();
    }

    /** How often the inputs are read at most. */
    public int reads() {
        return tensors.stream().mapToInt(PlannedTensor::reads).max().orElse(0);
    }

    /**
     * The tensors in the order in which they are computed: those of one name, which have the same inputs, after one another, and
     * those of one file in the order of their places.
     */
    public List<PlannedTensor> inOrderOfReading() {
        return !product.isModel()
                ? tensors.stream()
                        .sorted(Comparator.comparing(PlannedTensor::name, NameOrder.UTF8))
                        .toList()
                : tensors;
    }

    /** Name of the file that holds each tensor of a checkpoint, in the order of the plan. */
    public SequencedMap<String, String> weightMap(String stem) {
        SequencedMap<String, String> map = new LinkedHashMap<>();
        inCheckpoint(stem).forEach(tensor -> map.put(tensor.name(), shards.get(tensor.shard()).fileName()));
        return map;
    }

    private Stream<PlannedTensor> inCheckpoint(String stem) {
        return tensors.stream().filter(tensor -> shards.get(tensor.shard()).stem().equals(stem));
    }

    /** The index of each checkpoint that has one, by the name of its file. */
    public SequencedMap<String, ShardIndex> indexes() {
        SequencedMap<String, ShardIndex> indexes = new LinkedHashMap<>();
        Set<String> stems = new LinkedHashSet<>();
        shards.forEach(shard -> stems.add(shard.stem()));
        for (String stem : stems) {
            if (!entry(stem).endsWith(Product.Names.WEIGHTS)) {
                long total = inCheckpoint(stem).mapToLong(PlannedTensor::bytes).sum();
                indexes.put(entry(stem), new ShardIndex(total, weightMap(stem)));
            }
        }
        return indexes;
    }

    /** Name of the file by which a checkpoint is opened: its only one, or its index. */
    public String entry(String stem) {
        List<PlannedShard> files = shards.stream().filter(shard -> shard.stem().equals(stem)).toList();
        return files.size() == 1
                ? files.getFirst().fileName()
                : stem + Product.Names.WEIGHTS + Product.Names.INDEX;
    }
}

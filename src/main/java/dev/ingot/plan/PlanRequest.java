// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.config.MergeConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What a plan is made from besides the models themselves.
 *
 * @param config     the configuration
 * @param modelRoots where relative model paths are looked up, first match wins
 * @param results    directories of models that other merges of the same configuration make, by the names that stand for them
 * @param product    what is made
 * @param output     the output directory
 * @param shardSize  how the output is split
 * @param seed       seed of random masks
 * @param rng        how random numbers are made
 * @param threads    worker threads, at least 1
 * @param memory     anonymous memory of the whole process, in bytes
 * @param mostMemory what may be taken instead if the largest matrix needs more; at least {@code memory}
 * @param mixed      whether models of different architectures may be merged
 * @param overwrite  whether an existing checkpoint in the output directory may be replaced
 */
public record PlanRequest(
        MergeConfig config,
        List<Path> modelRoots,
        Map<String, Path> results,
        Product product,
        Path output,
        ShardSize shardSize,
        long seed,
        Rng rng,
        int threads,
        long memory,
        long mostMemory,
        boolean mixed,
        boolean overwrite) {
    /** Copies list and map; refuses nulls. */
    public PlanRequest {
        Objects.requireNonNull(config);
        Objects.requireNonNull(product);
        Objects.requireNonNull(output);
        Objects.requireNonNull(shardSize);
        Objects.requireNonNull(rng);
        modelRoots = List.copyOf(modelRoots);
        results = Map.copyOf(results);
        if (mostMemory < memory) {
            throw new IllegalArgumentException("at most " + mostMemory + " bytes, but " + memory + " in any case");
        }
        if (threads < 1) {
            throw new IllegalArgumentException("no worker threads");
        }
    }

    /** For a model, in that much memory. */
    public PlanRequest(
            MergeConfig config,
            List<Path> modelRoots,
            Map<String, Path> results,
            Path output,
            ShardSize shardSize,
            long seed,
            Rng rng,
            int threads,
            long memory,
            boolean mixed,
            boolean overwrite) {
        this(
                config,
                modelRoots,
                results,
                new Product.Model(),
                output,
                shardSize,
                seed,
                rng,
                threads,
                memory,
                memory,
                mixed,
                overwrite);
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.config.MergeConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * What a plan is made from besides the models themselves.
 *
 * @param config     the configuration
 * @param modelRoots where relative model paths are looked up, first match wins
 * @param output     the output directory
 * @param shardSize  how the output is split
 * @param seed       seed of random masks
 * @param rng        how random numbers are made
 * @param threads    worker threads, at least 1
 * @param memory     anonymous memory of the whole process, in bytes
 * @param mixed      whether models of different architectures may be merged
 * @param overwrite  whether an existing checkpoint in the output directory may be replaced
 */
public record PlanRequest(
        MergeConfig config,
        List<Path> modelRoots,
        Path output,
        ShardSize shardSize,
        long seed,
        Rng rng,
        int threads,
        long memory,
        boolean mixed,
        boolean overwrite) {
    /** Copies the list; refuses nulls. */
    public PlanRequest {
        Objects.requireNonNull(config);
        Objects.requireNonNull(output);
        Objects.requireNonNull(shardSize);
        Objects.requireNonNull(rng);
        modelRoots = List.copyOf(modelRoots);
        if (threads < 1) {
            throw new IllegalArgumentException("no worker threads");
        }
    }
}

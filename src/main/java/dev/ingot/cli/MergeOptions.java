// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import dev.ingot.MergeRequest;
import dev.ingot.MergeSequence;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The options that say what is merged and how, shared by {@code merge}, {@code plan} and {@code masks}. */
final class MergeOptions {
    @Parameters(index = "0", paramLabel = "CONFIG", description = "The merge, a YAML file in mergekit's dialect.")
    private Path config;

    @Mixin
    private RunOptions run;

    @Option(names = "--random-seed", paramLabel = "N", description = "Seed of random masks. Default: 0")
    private Long seed;

    @Option(
            names = "--rng",
            paramLabel = "NAME",
            description = "How random masks are drawn: philox, or mergekit for its masks of the same seed. Default: philox")
    private String rng;

    @Option(
            names = "--allow-crimes",
            negatable = true,
            description = "Merge models of different architectures by the names and shapes of their tensors.")
    private boolean allowCrimes;

    @Option(
            names = {"-I", "--intermediate-dir"},
            paramLabel = "DIR",
            description = "Where results that other merges of the configuration use go, and stay.")
    private Path intermediates;

    @Option(
            names = "--write-model-card",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Write README.md and mergekit_config.yml. Default: yes")
    private boolean modelCard;

    /** The merges of the configuration. */
    MergeSequence sequence(Path output) {
        MergeSequence sequence = MergeSequence.of(config, output).withOptions(this::apply);
        return intermediates == null ? sequence : sequence.withIntermediates(intermediates);
    }

    private MergeRequest apply(MergeRequest plain) {
        MergeRequest request = run.apply(plain).withMixedArchitectures(allowCrimes).withModelCard(modelCard);
        request = seed == null ? request : request.withSeed(seed);
        return rng == null ? request : request.withRng(rng);
    }

    /** Whether the answer is to be JSON. */
    boolean json() {
        return run.json();
    }

    /** What the options change in the environment. */
    Map<String, String> environment() {
        return run.environment();
    }
}

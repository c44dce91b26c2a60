// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import dev.ingot.MergeRequest;
import dev.ingot.MergeSequence;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The options that say what is merged and how, shared by {@code merge} and {@code plan}. */
final class MergeOptions {
    @Parameters(index = "0", paramLabel = "CONFIG", description = "The merge, a YAML file in mergekit's dialect.")
    private Path config;

    @Option(names = "--json", description = "Answer with one JSON object.")
    private boolean json;

    @Option(names = "--backend", paramLabel = "NAME", description = "auto, cuda, cpu or reference. Default: auto")
    private String backend;

    @Option(names = "--isa", paramLabel = "NAME", description = "Force an instruction set of the CPU kernels.")
    private String isa;

    @Option(
            names = {"-j", "--threads", "--num-threads"},
            paramLabel = "N",
            description = "Worker threads. Default: all processors. The result does not depend on it.")
    private Integer threads;

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            description = "Anonymous memory of the whole process, for models of any size. Default: 512MiB")
    private String memory;

    @Option(names = "--random-seed", paramLabel = "N", description = "Seed of random masks. Default: 0")
    private Long seed;

    @Option(
            names = "--rng",
            paramLabel = "NAME",
            description = "How random masks are drawn: philox, or mergekit for its masks of the same seed. Default: philox")
    private String rng;

    @Option(
            names = "--out-shard-size",
            paramLabel = "SIZE",
            description = "How large an output file may grow: 5GB or 5GiB count bytes, 5B parameters as in mergekit."
                    + " Default: 5GB")
    private String shardSize;

    @Option(
            names = "--io",
            paramLabel = "MODE",
            description = "How inputs are read: auto, mmap or pread. Default: auto")
    private String io;

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

    @Option(names = "--overwrite", description = "Replace a model that is in the output directory already.")
    private boolean overwrite;

    @Option(
            names = "--copy-tokenizer",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Copy the tokenizer of the base or first model. Default: yes")
    private boolean copyTokenizer;

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
        MergeRequest request = plain
                .withMixedArchitectures(allowCrimes)
                .withOverwrite(overwrite)
                .withTokenizerCopy(copyTokenizer)
                .withModelCard(modelCard);
        request = backend == null ? request : request.withBackend(backend);
        request = threads == null ? request : request.withThreads(threads);
        request = memory == null ? request : request.withMemory(memory);
        request = seed == null ? request : request.withSeed(seed);
        request = rng == null ? request : request.withRng(rng);
        request = shardSize == null ? request : request.withShardSize(shardSize);
        return io == null ? request : request.withIo(io);
    }

    /** Whether the answer is to be JSON. */
    boolean json() {
        return json;
    }

    /** What the options change in the environment. */
    Map<String, String> environment() {
        return isa == null ? Map.of() : Map.of("INGOT_ISA", isa);
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import dev.ingot.MergeRequest;
import java.util.Map;
import picocli.CommandLine.Option;

/** The options that say what a run may use and where its answer goes, shared by all commands that write models. */
final class RunOptions {
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
            description = "Anonymous memory of the whole process, for models of any size. Default: 512MiB, or what the largest"
                    + " matrix needs where a method works on whole matrices")
    private String memory;

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

    @Option(names = "--overwrite", description = "Replace a model that is in the output directory already.")
    private boolean overwrite;

    @Option(
            names = "--copy-tokenizer",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Copy the tokenizer of the base or first model. Default: yes")
    private boolean copyTokenizer;

    MergeRequest apply(MergeRequest plain) {
        MergeRequest request = plain.withOverwrite(overwrite).withTokenizerCopy(copyTokenizer);
        request = backend == null ? request : request.withBackend(backend);
        request = threads == null ? request : request.withThreads(threads);
        request = memory == null ? request : request.withMemory(memory);
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

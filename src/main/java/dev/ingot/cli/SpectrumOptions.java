// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import dev.ingot.SpectrumRequest;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** The options of {@code inspect --spectrum}. */
final class SpectrumOptions {
    @Option(
            names = "--spectrum",
            description = "Show singular values, effective and stable rank of all matrices of one or several models. Reads the"
                    + " values too.")
    private boolean wanted;

    @Option(
            names = "--base",
            paramLabel = "PATH",
            description = "With --spectrum: of what the models differ from this one by. Several models are compared by the"
                    + " overlap of their leading left singular subspaces.")
    private Path base;

    @Option(
            names = "--top",
            paramLabel = "N",
            description = "With --spectrum: how many singular values are listed and how many vectors span a subspace."
                    + " Default: " + SpectrumRequest.DEFAULT_TOP)
    private Integer top;

    @Option(
            names = {"-j", "--threads"},
            paramLabel = "N",
            description = "With --spectrum: worker threads. Default: all processors, if there is memory for them.")
    private Integer threads;

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            description = "With --spectrum: anonymous memory of the whole process; the largest matrix must fit. Default: 4GiB")
    private String memory;

    boolean wanted() {
        return wanted;
    }

    /** Whether an option is given that only a spectrum heeds. */
    boolean incomplete() {
        return !wanted && (base != null || top != null || threads != null || memory != null);
    }

    SpectrumRequest request(List<Path> models) {
        SpectrumRequest request = SpectrumRequest.of(models);
        request = base == null ? request : request.withBase(base);
        request = top == null ? request : request.withTop(top);
        request = threads == null ? request : request.withThreads(threads);
        return memory == null ? request : request.withMemory(memory);
    }
}

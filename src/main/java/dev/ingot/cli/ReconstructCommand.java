// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import dev.ingot.Ingot;
import dev.ingot.MergeRequest;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ingot reconstruct}. */
@Command(
        abbreviateSynopsis = true,
        description = "Rebuilds one of the models whose vector and masks 'ingot masks' has written.")
final class ReconstructCommand implements Runnable {
    private final Context context;

    @Parameters(index = "0", paramLabel = "MASKS", description = "The directory with vector and masks.")
    private Path masks;

    @Parameters(index = "1", paramLabel = "OUT", description = "The directory that receives the model.")
    private Path out;

    @Option(
            names = "--base",
            required = true,
            paramLabel = "MODEL",
            description = "The base model of the masks; gives config.json and tokenizer.")
    private Path base;

    @Option(
            names = "--task",
            required = true,
            paramLabel = "NAME",
            description = "Which model: the last part of its path, as masks.json lists it.")
    private String task;

    @Option(names = "--out-dtype", paramLabel = "NAME", description = "Type of the model. Default: that of the base")
    private String outDtype;

    @Mixin
    private RunOptions options;

    @Mixin
    private OutputOptions output;

    ReconstructCommand(Context context) {
        this.context = context;
    }

    @Override
    public void run() {
        Ingot ingot = context.ingot(options.environment());
        MergeRequest request = options.apply(MergeRequest.reconstruction(masks, base, task, out));
        request = outDtype == null ? request : request.withOutputType(outDtype);
        new Merging(context, ingot, output, options.json()).run(ingot.plan(request), "");
    }
}

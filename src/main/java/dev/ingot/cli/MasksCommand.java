// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import dev.ingot.Ingot;
import dev.ingot.MergeRequest;
import dev.ingot.MergeSequence;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ingot masks}. */
@Command(
        abbreviateSynopsis = true,
        description = {
            "Writes one vector of all models and a mask of it for each, instead of a merged model.",
            "'ingot reconstruct' rebuilds any of the models from them and the base. Methods: emr, tall_masks, mag_masking."
        })
final class MasksCommand implements Runnable {
    private final Context context;

    @Mixin
    private MergeOptions options;

    @Mixin
    private OutputOptions output;

    @Parameters(index = "1", paramLabel = "OUT", description = "The directory that receives vector and masks.")
    private Path out;

    @Option(
            names = "--vector-dtype",
            paramLabel = "NAME",
            defaultValue = "float32",
            description = "Type of the vector: float32, with which models are rebuilt as merging gives them, or a smaller one"
                    + " such as bfloat16. Default: float32")
    private String vectorDtype;

    MasksCommand(Context context) {
        this.context = context;
    }

    @Override
    public void run() {
        Ingot ingot = context.ingot(options.environment());
        MergeSequence merges = options.sequence(out);
        new Merging(context, ingot, output, options.json()).run(merges, stage -> {
            MergeRequest masks = stage.request().asMasks(vectorDtype);
            return new MergeSequence.Stage(Optional.empty(), stage.needs(), masks);
        });
        merges.removeIntermediates();
    }
}

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

/** {@code ingot factors}. */
@Command(
        abbreviateSynopsis = true,
        description = {
            "Writes the factors of each model, low-rank changes from the base for instance, instead of a merged model.",
            "Methods: smile."
        })
final class FactorsCommand implements Runnable {
    private final Context context;

    @Mixin
    private MergeOptions options;

    @Mixin
    private OutputOptions output;

    @Parameters(index = "1", paramLabel = "OUT", description = "The directory that receives the factors.")
    private Path out;

    @Option(
            names = "--factor-dtype",
            paramLabel = "NAME",
            defaultValue = "float32",
            description = "Type of the factors, such as bfloat16. Default: float32")
    private String factorDtype;

    FactorsCommand(Context context) {
        this.context = context;
    }

    @Override
    public void run() {
        Ingot ingot = context.ingot(options.environment());
        MergeSequence merges = options.sequence(out);
        new Merging(context, ingot, output, options.json()).run(merges, stage -> {
            MergeRequest factors = stage.request().asFactors(factorDtype);
            return new MergeSequence.Stage(Optional.empty(), stage.needs(), factors);
        });
        merges.removeIntermediates();
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import dev.ingot.Ingot;
import dev.ingot.MergeSequence;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** {@code ingot merge}. */
@Command(
        abbreviateSynopsis = true,
        description = {
            "Merges models into one.",
            "Takes the command lines of mergekit-yaml. The last line of standard output is the output directory."
        })
final class MergeCommand implements Runnable {
    private final Context context;
    private CommandSpec spec;

    @Mixin
    private MergeOptions options;

    @Mixin
    private OutputOptions output;

    @Parameters(index = "1", paramLabel = "OUT", description = "The directory that receives the merged model.")
    private Path out;

    @Option(
            names = "--keep-intermediate",
            description = "Leave the results that other merges of the configuration used beside the output.")
    private boolean keepIntermediate;

    @Option(names = "--dry-run", description = "Show the plan and stop, as 'ingot plan' does.")
    private boolean dryRun;

    MergeCommand(Context context) {
        this.context = context;
    }

    /** Called by the parser when it has read the annotations. */
    @Spec
    void setSpec(CommandSpec commandSpec) {
        spec = commandSpec;
        MergekitOptions.addTo(commandSpec);
    }

    @Override
    public void run() {
        ParseResult parsed = spec.commandLine().getParseResult();
        Map<String, String> environment = new HashMap<>(options.environment());
        environment.putAll(MergekitOptions.environment(parsed));
        Ingot ingot = context.ingot(environment);
        MergekitOptions.check(parsed, context, ingot, output.verbose());
        MergeSequence merges = options.sequence(out);
        if (dryRun) {
            PlanCommand.print(ingot, merges, false, options.json(), context);
            return;
        }
        new Merging(context, ingot, output, options.json()).run(merges, UnaryOperator.identity());
        if (!keepIntermediate) {
            merges.removeIntermediates();
        }
    }
}

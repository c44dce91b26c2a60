// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import dev.ingot.Cancellation;
import dev.ingot.Ingot;
import dev.ingot.MergePlan;
import dev.ingot.MergeResult;
import dev.ingot.MergeSequence;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
        Cancellation cancellation = new Cancellation();
        context.interrupts().onInterrupt(cancellation::cancel);
        List<MergeSequence.Stage> stages = merges.stages();
        merges.warnings().forEach(context::warn);
        if (stages.size() > 1) {
            ingot.check(merges);
        }
        for (MergeSequence.Stage stage : stages) {
            String name = stage.name().map(text -> text + ": ").orElse("");
            ingot.plan(stage).ifPresentOrElse(
                    plan -> merge(ingot, plan, name, cancellation),
                    () -> tell(name + "done already"));
        }
        if (!keepIntermediate) {
            merges.removeIntermediates();
        }
    }

    private void merge(Ingot ingot, MergePlan plan, String name, Cancellation cancellation) {
        long start = System.nanoTime();
        List<String> warnings = plan.warnings();
        warnings.forEach(warning -> context.warn(name + warning));
        if (output.verbose()) {
            context.err().print(plan.toText());
        }
        ProgressDisplay display = output.display(context);
        MergeResult result;
        try {
            result = ingot.merge(plan, display, cancellation);
        } finally {
            display.end();
        }
        result.warnings().stream().filter(warning -> !warnings.contains(warning)).forEach(context::warn);
        tell(name + summary(result, Duration.ofNanos(System.nanoTime() - start)));
        if (name.isEmpty()) {
            context.out().println(options.json() ? result.reportJson() : result.output());
        }
    }

    private void tell(String line) {
        if (!output.quiet()) {
            context.err().println(line);
        }
    }

    private static String summary(MergeResult result, Duration elapsed) {
        double rate = (result.bytesRead() + result.bytesWritten()) / Math.max(1e-9, elapsed.toNanos() / 1e9);
        return "merged in " + Text.time(elapsed)
                + ": read " + Text.bytes(result.bytesRead())
                + ", wrote " + Text.bytes(result.bytesWritten())
                + ", " + Text.bytes(rate) + "/s"
                + ", peak memory " + Text.bytes(result.peakMemory())
                + ", backend " + result.backend()
                + ", seed " + result.seed()
                + (result.resumedTensors() == 0
                        ? ""
                        : ", continued after " + result.resumedTensors() + " tensors of an earlier run");
    }
}

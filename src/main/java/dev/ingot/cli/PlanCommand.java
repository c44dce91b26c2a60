// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import dev.ingot.Ingot;
import dev.ingot.MergePlan;
import dev.ingot.MergeSequence;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code ingot plan}. */
@Command(
        abbreviateSynopsis = true,
        description = "Checks a merge and shows what it would read, compute and write. Reads headers only.")
final class PlanCommand implements Runnable {
    private static final Path SOMEWHERE = Path.of("merged");

    private final Context context;

    @Mixin
    private MergeOptions options;

    @Parameters(index = "1", arity = "0..1", paramLabel = "OUT", description = "The output directory. Default: merged")
    private Path out;

    PlanCommand(Context context) {
        this.context = context;
    }

    @Override
    public void run() {
        // Without an output directory the question is what would be done, not whether there is a model already.
        MergeSequence merges = options.sequence(out == null ? SOMEWHERE : out);
        print(context.ingot(options.environment()), merges, out == null, options.json(), context);
    }

    /** Shows the plans of those merges that need no result of others, or whose needs are there. */
    static void print(Ingot ingot, MergeSequence merges, boolean overwrite, boolean json, Context context) {
        List<MergeSequence.Stage> stages = merges.stages();
        if (stages.size() > 1) {
            merges.warnings().forEach(context::warn);
            ingot.check(merges);
        }
        for (MergeSequence.Stage stage : stages) {
            String name = stage.name().map(text -> "'" + text + "'").orElse("final");
            if (!stage.isReady()) {
                context.err().println("note: the " + name + " merge can be planned when the results that it uses are there");
                continue;
            }
            boolean replaces = overwrite || stage.name().isPresent();
            MergePlan plan = ingot.plan(replaces ? stage.request().withOverwrite(true) : stage.request());
            if (json) {
                context.out().println(plan.toJson());
            } else {
                context.out().print((stages.size() > 1 ? "merge    " + name + "\n" : "") + plan.toText());
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import dev.ingot.Ingot;
import dev.ingot.MergePlan;
import dev.ingot.MergeRequest;
import java.nio.file.Path;
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
        MergeRequest request = out == null ? options.request(SOMEWHERE).withOverwrite(true) : options.request(out);
        print(context.ingot(options.environment()), request, options.json(), context);
    }

    static void print(Ingot ingot, MergeRequest request, boolean json, Context context) {
        MergePlan plan = ingot.plan(request);
        if (json) {
            context.out().println(plan.toJson());
        } else {
            context.out().print(plan.toText());
        }
    }
}

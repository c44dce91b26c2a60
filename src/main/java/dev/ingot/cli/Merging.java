// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import dev.ingot.Cancellation;
import dev.ingot.Ingot;
import dev.ingot.MergePlan;
import dev.ingot.MergeResult;
import dev.ingot.MergeSequence;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

/** Carries out plans, tells how it goes, and answers. */
final class Merging {
    private final Context context;
    private final Ingot ingot;
    private final OutputOptions output;
    private final boolean json;
    private final Cancellation cancellation = new Cancellation();

    /** @param json whether the answer is the report instead of the output directory */
    Merging(Context context, Ingot ingot, OutputOptions output, boolean json) {
        this.context = context;
        this.ingot = ingot;
        this.output = output;
        this.json = json;
        context.interrupts().onInterrupt(cancellation::cancel);
    }

    /**
     * All merges of a configuration.
     *
     * @param last changes the final one
     */
    void run(MergeSequence merges, UnaryOperator<MergeSequence.Stage> last) {
        List<MergeSequence.Stage> stages = merges.stages();
        merges.warnings().forEach(context::warn);
        if (stages.size() > 1) {
            ingot.check(merges);
        }
        for (MergeSequence.Stage stage : stages) {
            String name = stage.name().map(text -> text + ": ").orElse("");
            ingot.plan(stage.name().isEmpty() ? last.apply(stage) : stage)
                    .ifPresentOrElse(plan -> run(plan, name), () -> tell(name + "done already"));
        }
    }

    /**
     * One merge.
     *
     * @param name what lines begin with if others use the result, which is not answered then; otherwise empty
     */
    void run(MergePlan plan, String name) {
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
            context.out().println(json ? result.reportJson() : result.output());
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

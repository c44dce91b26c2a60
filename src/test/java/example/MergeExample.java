// SPDX-License-Identifier: Apache-2.0
package example;

import dev.ingot.Cancellation;
import dev.ingot.Ingot;
import dev.ingot.MergePlan;
import dev.ingot.MergeRequest;
import dev.ingot.MergeResult;
import dev.ingot.error.IngotException;
import java.nio.file.Path;

/** Merges models by the public API alone; shown in the Javadoc and run by a test. */
public final class MergeExample {
    private MergeExample() {}

    /** Merges what the configuration {@code config} describes into the directory {@code output}. */
    public static void merge(Path config, Path output) {
        // @start region="example"
        Ingot ingot = Ingot.create();
        Cancellation cancellation = new Cancellation(); // another thread may call cancellation.cancel()
        try {
            MergeRequest request = MergeRequest.of(config, output).withThreads(4).withShardSize("5GB");
            MergePlan plan = ingot.plan(request); // checks everything, writes nothing
            System.out.println(plan.method() + ", " + plan.parameters() + " parameters, " + plan.files());
            MergeResult result = ingot.merge(
                    request,
                    progress -> System.out.printf("%3.0f %% %s%n", 100 * progress.fraction(), progress.tensor()),
                    cancellation);
            System.out.println(result.output() + " in " + result.elapsed().toMillis() + " ms on " + result.backend());
        } catch (IngotException e) {
            System.out.println(e.getMessage() + "\n" + e.hint());
        }
        // @end
    }
}

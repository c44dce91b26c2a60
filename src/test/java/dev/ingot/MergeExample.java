// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import dev.ingot.error.IngotException;
import java.nio.file.Path;

/** The example of the package's Javadoc and of the README. */
final class MergeExample {
    private MergeExample() {}

    static void merge(Path config, Path output) {
        // @start region="example"
        Ingot ingot = Ingot.create();
        MergeRequest request = MergeRequest.of(config, output).withThreads(2).withMemory("512MiB");
        try {
            MergePlan plan = ingot.plan(request);
            System.out.println(plan.toText());
            Cancellation cancellation = new Cancellation(); // cancel() from any thread stops the merge
            MergeResult result = ingot.merge(
                    plan, progress -> System.out.printf("%.0f %%%n", 100 * progress.fraction()), cancellation);
            System.out.println(result.output() + " in " + result.elapsed() + " on " + result.backend());
        } catch (IngotException e) {
            System.err.println(e.getMessage() + "; " + e.hint());
        }
        // @end
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import java.util.concurrent.atomic.DoubleAdder;

/** How much of a stage is done, put together from its tasks. Thread-safe. */
final class StageShare {
    private final ProgramRun run;
    private final int tasks;
    private final DoubleAdder done = new DoubleAdder();

    StageShare(ProgramRun run, int tasks) {
        this.run = run;
        this.tasks = tasks;
    }

    /** @param share of one task */
    void add(double share) {
        done.add(share);
        run.working(Math.min(1, done.sum() / tasks));
    }
}

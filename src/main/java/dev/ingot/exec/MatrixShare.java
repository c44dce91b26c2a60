// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.matrix.MatrixStep;

/**
 * How much of a program on whole matrices is done, put together from its stages and their tasks. What it tells only rises, and
 * ends with 1. Thread-safe.
 */
final class MatrixShare {
    private final ProgramRun run;
    private final int parts;
    private int before;
    private int present;
    private int tasks;
    private double done;

    /** @param parts of which the program's stages consist */
    MatrixShare(ProgramRun run, int parts) {
        this.run = run;
        this.parts = parts;
    }

    /** A stage begins; the one before has ended. */
    synchronized void begin(MatrixStep.Stage stage) {
        before += present;
        present = stage.parts();
        tasks = stage.tasks();
        done = 0;
        if (before + present > parts) {
            throw new IllegalStateException("a program of " + parts + " parts went on to part " + (before + present));
        }
    }

    /** @param share of one task of the stage */
    synchronized void add(double share) {
        done += share;
        run.working((before + present * Math.min(1, done / tasks)) / parts);
    }

    /** The program has ended, perhaps before the last part. */
    synchronized void end() {
        run.working(1);
    }
}

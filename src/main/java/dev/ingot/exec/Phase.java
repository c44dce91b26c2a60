// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import java.util.Optional;

/** One pass over a tensor, cut into tiles that any worker may run in any order. */
interface Phase {
    /** How many tiles there are; 0 if only {@link #finish} is left to do. */
    int tiles();

    /** Runs one tile; called once for each, by several threads at a time. */
    void run(int tile, Lane lane);

    /** Called once after all tiles; leads to the next pass, or ends the tensor. */
    Optional<Phase> finish(Lane lane);
}

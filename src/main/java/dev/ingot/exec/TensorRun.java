// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

/** The work on one output tensor. */
interface TensorRun extends AutoCloseable {
    /** Bytes of native memory it may hold at a time, beyond the workers' own. */
    long memory();

    /** Its first pass; called once, on a worker. */
    Phase first(Lane lane);

    /** Called once, after the last pass. */
    void complete();

    /** Releases what the run holds; may be called again. */
    @Override
    void close();
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.matrix;

/**
 * How to compute a matrix of one tensor. Immutable; may be run several times. What it computes must not depend on the order or
 * the threads in which tasks run, so tasks are cut by the shape alone.
 */
public interface MatrixProgram {
    /**
     * Its memory, which may not be exceeded.
     *
     * @throws dev.ingot.error.DeviceException if there is no linear algebra on this machine
     */
    MatrixNeeds needs();

    /** How often the deltas are read. */
    default int reads() {
        return 1;
    }

    /** How often the base's values are read besides. */
    default int baseReads() {
        return 0;
    }

    /**
     * Of how many {@linkplain MatrixStep.Stage#parts parts} all of its stages consist together. A run may end earlier, where
     * there is nothing to do, but may not have more.
     */
    int parts();

    /** What is done first. */
    MatrixStep begin(MatrixSpace space);
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.matrix;

import dev.ingot.linalg.Matrix;
import dev.ingot.linalg.Precision;

/**
 * Memory of a program on whole matrices, in bytes.
 *
 * @param kept      what it keeps from task to task, at most at a time
 * @param temporary what one task takes for the matrices that it forgets
 * @param work      what linear algebra takes within one task
 */
public record MatrixNeeds(long kept, long temporary, long work) {
    /** Of what does not work on whole matrices. */
    public static final MatrixNeeds NONE = new MatrixNeeds(0, 0, 0);

    private static final long ALIGNMENT = 64;

    /** Whether there is linear algebra to do. */
    public boolean any() {
        return kept + temporary + work > 0;
    }

    /** Both, one after the other. */
    public MatrixNeeds or(MatrixNeeds other) {
        return new MatrixNeeds(
                Math.max(kept, other.kept), Math.max(temporary, other.temporary), Math.max(work, other.work));
    }

    /** What a packed matrix takes, kept or temporary. */
    public static long of(long rows, long cols, Precision precision) {
        return (Matrix.bytes(rows, cols, precision) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
}

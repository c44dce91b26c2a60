// SPDX-License-Identifier: Apache-2.0
package dev.ingot.matrix;

import dev.ingot.linalg.Matrix;

/**
 * Columns of a view, cut into runs of equal width, each a task. The width depends on the shape alone, so that products do not
 * depend on threads.
 *
 * @param columns how many there are
 * @param width   of a run
 */
record Panels(int columns, int width) {
    /** Runs of which a matrix product is worth starting a task. */
    private static final int WIDTH = 256;

    static Panels of(int columns) {
        return new Panels(columns, WIDTH);
    }

    /** How many runs. */
    int count() {
        return Math.ceilDiv(columns, width);
    }

    /** The first column of a run. */
    int first(int panel) {
        return panel * width;
    }

    /** Columns of a run. */
    int width(int panel) {
        return Math.min(width, columns - first(panel));
    }

    /** A run of the columns of a matrix. */
    Matrix of(Matrix whole, int panel) {
        return whole.block(0, first(panel), whole.rows(), width(panel));
    }
}

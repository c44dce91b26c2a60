// SPDX-License-Identifier: Apache-2.0
package dev.ingot.matrix;

import dev.ingot.linalg.Matrix;
import dev.ingot.linalg.Precision;

/** Memory that a program keeps from task to task. For one thread at a time: stages ask for it before and after their tasks. */
public interface MatrixSpace {
    /** A packed matrix of zeros, until it is dropped or the tensor is complete; tasks of all threads may use it. */
    Matrix keep(int rows, int cols, Precision precision);

    /** Gives a kept matrix back. */
    void drop(Matrix kept);
}

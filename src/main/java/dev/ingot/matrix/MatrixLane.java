// SPDX-License-Identifier: Apache-2.0
package dev.ingot.matrix;

import dev.ingot.kernel.Formula;
import dev.ingot.linalg.LinearAlgebra;
import dev.ingot.linalg.Matrix;
import dev.ingot.linalg.Precision;
import java.util.List;

/** What a task works with; all of it belongs to the thread that runs the task. */
public interface MatrixLane {
    /** Linear algebra with the work space that was planned. */
    LinearAlgebra algebra();

    /** A packed matrix of any content, until the task ends. */
    Matrix temporary(int rows, int cols, Precision precision);

    /**
     * Reads a model's delta, or its values where there is no base, rounded to float32.
     *
     * @param model which of the merged models
     * @param first the first column of the view, which is a row of the tensor
     * @param into  receives as many columns as it has; n rows, packed, float32
     * @throws dev.ingot.error.CheckpointException naming the file, if some are NaN or infinite
     */
    void delta(int model, int first, Matrix into);

    /**
     * Reads the base's values, rounded to float32.
     *
     * @param first the first column of the view, which is a row of the tensor
     * @param into  receives as many columns as it has; n rows, packed, float32
     */
    void base(int first, Matrix into);

    /**
     * Reads values of any operand, a model's or one of a companion's behind these, converted to float32.
     *
     * @param operand its number
     * @param first   the first column of the view
     * @param into    receives as many columns as it has; n rows, packed, float32
     * @throws dev.ingot.error.CheckpointException naming the file, if some are NaN or infinite
     */
    void values(int operand, int first, Matrix into);

    /** Computes elementwise on whole matrices. */
    default void compute(Formula formula, List<Matrix> inputs, List<Matrix> outputs) {
        compute(formula, 0, inputs, outputs);
    }

    /**
     * Computes elementwise.
     *
     * @param formula without base, tables and further results; its models are the inputs
     * @param first   the number of the first element, which random numbers go by
     * @param inputs  packed float32 matrices of one size
     * @param outputs one per output of the formula, of that size; one may be an input that is not read after it is written
     */
    void compute(Formula formula, long first, List<Matrix> inputs, List<Matrix> outputs);

    /**
     * Ends the task if the run was asked to stop. To be called between operations on whole matrices, and every few seconds of
     * others: a factorisation that is going on cannot be ended, and one of order 8192 may take minutes.
     *
     * @throws dev.ingot.error.InterruptedMergeException if so
     */
    void requireGoing();

    /**
     * The same, and tells how far the task is: for tasks of many steps.
     *
     * @param done steps that are done
     * @param all  steps of the task, at least 1
     */
    void requireGoing(int done, int all);
}

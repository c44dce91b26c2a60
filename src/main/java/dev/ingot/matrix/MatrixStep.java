// SPDX-License-Identifier: Apache-2.0
package dev.ingot.matrix;

import dev.ingot.linalg.Matrix;
import java.util.List;
import java.util.function.Supplier;

/** What a program does next. */
public sealed interface MatrixStep {
    /**
     * Tasks that may run side by side, in any order.
     *
     * @param tasks how many
     * @param parts how many of the program's {@linkplain MatrixProgram#parts parts} it is: what takes as long as several other
     *              stages counts as as many. Nothing but progress goes by it
     * @param body  runs one of them
     * @param then  called once when all are done, by one thread, which sees all that they wrote
     */
    record Stage(int tasks, int parts, Body body, Supplier<MatrixStep> then) implements MatrixStep {
        /** One part of the program. */
        public Stage(int tasks, Body body, Supplier<MatrixStep> then) {
            this(tasks, 1, body, then);
        }
    }

    /**
     * The end.
     *
     * @param products kept matrices, float32, packed: of the tensor's view, n x m, where passes over the tensor read them
     * @param facts    what else was found out
     */
    record Done(List<Matrix> products, double... facts) implements MatrixStep {
        public Done {
            products = List.copyOf(products);
        }
    }

    /** A task. */
    @FunctionalInterface
    interface Body {
        /** Runs the task of this number, with what the thread that runs it has. */
        void run(int task, MatrixLane lane);
    }
}

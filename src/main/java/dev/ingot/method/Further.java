// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.Formula;

/** An input of a formula that is made during the pass. */
public sealed interface Further {
    /**
     * The rank of an element's value within its row, from 0, equal ones in order.
     *
     * @param value has one output, and the length of the rows
     */
    record Ranks(Formula value) implements Further {}

    /**
     * Uniform numbers of the run's {@linkplain Randomness.Sequence sequence}, one per element.
     *
     * @param first number of the output that the first element gets
     */
    record Draws(long first) implements Further {}

    /**
     * A matrix that {@link Step.Matrices} made.
     *
     * @param number its number
     */
    record Product(int number) implements Further {}
}

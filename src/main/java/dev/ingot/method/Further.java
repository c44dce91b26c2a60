// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

/** An input of an evaluated formula that is made during the pass. */
public sealed interface Further {
    /**
     * Uniform numbers of the run's {@linkplain Randomness.Sequence sequence}, one per element.
     *
     * @param first number of the output that the first element gets
     */
    record Draws(long first) implements Further {}
}

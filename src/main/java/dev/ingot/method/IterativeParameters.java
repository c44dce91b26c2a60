// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

/** Parameters of methods that make steps of an optimiser. */
final class IterativeParameters {
    /** Above 0. */
    static final Parameter.Range POSITIVE = new Parameter.Range(0, true, 1e6);

    /** Shares of the last step that are kept. */
    static final Parameter.Range MOMENTUM = new Parameter.Range(0, false, 1);

    /** What is said of learning rates. */
    static final String RATE_MEANS = "how far one step of adam moves an element: the default suits task vectors with elements"
            + " of 1e-4 to 1e-3 and hardly moves larger ones, for which 1e-4 to 1e-3 is recommended";

    /** How many steps. */
    static final Parameter STEPS = Parameter.number(
            "steps",
            Parameter.Level.GLOBAL,
            300,
            new Parameter.Range(0, false, 1e6),
            "steps; stopping before the minimum is a part of the method");

    private IterativeParameters() {}
}

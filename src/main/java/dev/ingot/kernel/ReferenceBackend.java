// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

/**
 * Every kernel in plain, scalar Java: the definition that the other backends match bit for bit, and what runs where
 * they cannot. Thread-safe.
 */
public final class ReferenceBackend implements Backend {
    /** Its name on the command line. */
    public static final String NAME = "reference";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String description() {
        return NAME + " (plain Java)";
    }

    @Override
    public Kernels open(long memory) {
        return new ReferenceKernels();
    }
}

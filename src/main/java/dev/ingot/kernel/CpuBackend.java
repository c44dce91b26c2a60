// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

/**
 * The native library of CPU kernels; {@link Backends} finds it. Thread-safe.
 *
 * <p>Which instruction set runs is a property of the process: opening a lane makes this backend's the current one. As all
 * of them give the same bits, backends with different ones may be used side by side; only their speed would mix.
 */
public final class CpuBackend implements Backend {
    /** Its name on the command line. */
    public static final String NAME = "cpu";

    private final CpuIsa isa;

    CpuBackend(CpuIsa isa) {
        this.isa = isa;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String description() {
        return NAME + " (" + isa.name() + ")";
    }

    /** Opens a lane for the calling thread, which alone may use and close it. */
    @Override
    public Kernels open(long memory) {
        isa.select();
        return new CpuKernels();
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

/** One kernel call, described by a record whose text names it, with the seed of its data. */
interface KernelCase {
    /** Decides the data. */
    long seed();

    /** Makes the data, calls the kernel and gives all it computed. */
    byte[] run(Kernels kernels, Workbench bench);

    /** Runs on a fresh workbench. */
    default byte[] run(Kernels kernels) {
        try (Workbench bench = new Workbench(seed())) {
            return run(kernels, bench);
        }
    }
}

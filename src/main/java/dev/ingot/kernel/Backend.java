// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

/** A way to compute kernels. Thread-safe. */
public interface Backend {
    /** Its name on the command line: {@code reference} or {@code cpu}. */
    String name();

    /** What it runs on, for reports: for instance {@code cpu (avx2)}. */
    String description();

    /** Opens a lane for one worker thread; the caller closes it. */
    Kernels open();
}

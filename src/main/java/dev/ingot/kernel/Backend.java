// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import dev.ingot.error.DeviceException;
import java.util.Optional;

/** A way to compute kernels. Thread-safe. */
public interface Backend {
    /** Its name on the command line: {@code cuda}, {@code cpu} or {@code reference}. */
    String name();

    /** What it runs on, for reports: for instance {@code cpu (avx2)}. */
    String description();

    /**
     * Opens a lane for the calling thread; the caller closes it.
     *
     * @param memory bytes of host memory that the lane may take for itself, see {@link #needs}
     * @throws DeviceException if the device fails
     */
    Kernels open(long memory);

    /** Opens a lane with as much memory as it likes. */
    default Kernels open() {
        return open(needs().memory());
    }

    /** What lanes of this backend work best with. */
    default LaneNeeds needs() {
        return LaneNeeds.HOST;
    }

    /** The GPUs that whole matrices go to, whose results are not those of the host; empty if there are none. */
    default Optional<String> matrixDevice() {
        return Optional.empty();
    }

    /** One line for the user about something that happened while it computed. */
    default Optional<String> notice() {
        return Optional.empty();
    }
}

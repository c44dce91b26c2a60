// SPDX-License-Identifier: Apache-2.0
package dev.ingot.measure;

import dev.ingot.kernel.Backend;
import dev.ingot.kernel.Backends;
import java.util.Optional;

/** The stand that fits a backend. */
public final class Stands {
    private static final String CUDA = "cuda";

    private Stands() {}

    /**
     * Opens a stand.
     *
     * @param threads worker threads of backends that compute on the processor
     */
    public static Stand open(Backend backend, int threads) {
        if (backend.name().equals(CUDA)) {
            return new DeviceStand(Backends.detect(Optional.empty()).all().stream()
                    .filter(found -> !found.name().equals(CUDA))
                    .flatMap(found -> found.backend().stream())
                    .findFirst()
                    .orElseThrow(), threads);
        }
        return new HostStand(backend, threads);
    }
}

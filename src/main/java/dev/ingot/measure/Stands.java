// SPDX-License-Identifier: Apache-2.0
package dev.ingot.measure;

import dev.ingot.kernel.Backend;

/** The stand that fits a backend. */
public final class Stands {
    private Stands() {}

    /**
     * Opens a stand.
     *
     * @param threads worker threads of backends that compute on the processor
     */
    public static Stand open(Backend backend, int threads) {
        return new HostStand(backend, threads);
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

/**
 * What a backend's lanes work best with. Results do not depend on it.
 *
 * @param tileElements elements per tile, a multiple of {@link Kernels#CHUNK}
 * @param memory       bytes of host memory that a lane holds for itself, if it can get as much
 * @param mostMemory   bytes that all lanes together may hold
 */
public record LaneNeeds(long tileElements, long memory, long mostMemory) {
    /**
     * Of backends that compute where the data is: a tile is large enough that a kernel call costs nothing, and small enough
     * that an output tile stays in the second-level cache.
     */
    public static final LaneNeeds HOST = new LaneNeeds(16L * Kernels.CHUNK, 0, 0);
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import dev.ingot.ffi.gpu.IngotGpu;

/**
 * How the elements of a kernel call may be cut into pieces, and what a piece takes of a slot's memory.
 *
 * @param step        pieces start at flat indices that are multiples of it
 * @param mirrored    bytes per element of what is copied in or out
 * @param mirrorFixed bytes beside, whatever the size of a piece
 * @param scratch     bytes per element of what stays on the GPU
 * @param scratchFixed bytes beside
 */
record CudaCut(long step, long mirrored, long mirrorFixed, long scratch, long scratchFixed) {
    /** Pieces of elementwise work start at multiples of it. */
    static final long VECTOR = IngotGpu.INGOT_GPU_VECTOR();

    /** What a region may lose by its alignment, and by elements before and after those of the piece. */
    private static final long SLACK = IngotGpu.INGOT_GPU_ALIGNMENT() + 2 * VECTOR * Double.BYTES;

    /**
     * A cut without scratch memory.
     *
     * @param regions number of separate regions
     * @param arrays  bytes of all arrays that do not grow with the piece
     */
    static CudaCut of(long step, long bytesPerElement, int regions, long arrays) {
        return new CudaCut(step, bytesPerElement, regions * SLACK + arrays, 0, 0);
    }

    /** The same with memory that stays on the GPU. */
    CudaCut withScratch(long bytesPerElement, int regions, long fixed) {
        return new CudaCut(step, mirrored, mirrorFixed, bytesPerElement, regions * SLACK + fixed);
    }

    /** How many elements a piece may have; 0 or less if none fits. */
    long elements(long hostBytes, long deviceBytes) {
        long host = (hostBytes - mirrorFixed) / mirrored;
        if (scratch == 0 && scratchFixed == 0) {
            return host;
        }
        return Math.min(host, (deviceBytes - hostBytes - scratchFixed) / Math.max(1, scratch));
    }
}

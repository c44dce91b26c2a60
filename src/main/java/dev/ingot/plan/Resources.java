// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

/**
 * What a run may use.
 *
 * @param threads      worker threads
 * @param memory       bytes of anonymous memory for the whole process, as asked for
 * @param laneMemory   bytes of memory that each worker's lane of the backend may hold for itself
 * @param algebraMemory bytes of memory that each worker may use for linear algebra
 * @param laneHistograms how many histograms of keys each worker may hold
 * @param tileElements elements per tile, a multiple of a reduction's chunk
 * @param chunkBytes   size of the pieces in which output files are written, a power of two
 * @param chunks       how many of them are in memory at a time, usually
 * @param tensorMemory bytes of native memory that tensors in progress may hold together
 * @param selectionMemory bytes of it that selections over the whole model may take
 * @param peakMemory   expected peak of anonymous memory in bytes
 */
public record Resources(
        int threads,
        long memory,
        long laneMemory,
        long algebraMemory,
        int laneHistograms,
        long tileElements,
        int chunkBytes,
        int chunks,
        long tensorMemory,
        long selectionMemory,
        long peakMemory) {}

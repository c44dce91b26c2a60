// SPDX-License-Identifier: Apache-2.0
/**
 * Merge kernels: what can be computed on one tile of every input, and the backends that compute it.
 *
 * <p>A {@link dev.ingot.kernel.Backend} opens {@link dev.ingot.kernel.Kernels} lanes, one per worker thread. Operations
 * are plain records; they know nothing of files, threads or tensors as a whole. All backends give the same bits.
 */
package dev.ingot.kernel;

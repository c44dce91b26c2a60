// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

/**
 * The key of a given rank.
 *
 * @param key    the key
 * @param larger how many keys are strictly larger
 */
public record KthLargest(int key, long larger) {}

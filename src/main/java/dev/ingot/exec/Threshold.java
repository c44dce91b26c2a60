// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

/**
 * The k-th largest key of a delta.
 *
 * @param key  the key
 * @param ties how many of the elements with this key belong to the k largest, at least 1
 */
public record Threshold(int key, long ties) {}

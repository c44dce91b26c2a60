// SPDX-License-Identifier: Apache-2.0
package dev.ingot.arch;

/**
 * How a family tells the type of a layer from its number where config.json does not list the types: every period-th layer is
 * of another type than the rest.
 *
 * @param periodKey key beside the number of layers that holds the period
 * @param period    the period where the key is absent
 * @param usual     type of the other layers
 * @param last      type of the last layer of each period
 */
public record LayerTypes(String periodKey, long period, String usual, String last) {
    /** The type of a layer, counted from 0; a period of 0 or less has no last layer. */
    public String of(int layer, long actualPeriod) {
        return actualPeriod > 0 && (layer + 1) % actualPeriod == 0 ? last : usual;
    }
}

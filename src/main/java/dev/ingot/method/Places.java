// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import java.util.Arrays;

/** Places of values in ascending order. Immutable. */
final class Places {
    private final int[] places;

    private Places(int[] places) {
        this.places = places;
    }

    /** The place of each value from 0, equal ones in the order in which they are; what is no number comes last. */
    static Places of(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int[] taken = new int[values.length];
        int[] places = new int[values.length];
        for (int i = 0; i < values.length; i++) {
            int first = first(sorted, values[i]);
            places[i] = first + taken[first]++;
        }
        return new Places(places);
    }

    /** The place of a value. */
    int at(int value) {
        return places[value];
    }

    /** How many values there are. */
    int count() {
        return places.length;
    }

    /** The place of a value, divided by the number of values. */
    double rank(int value) {
        return (double) places[value] / places.length;
    }

    /** Where a value stands first. */
    private static int first(double[] sorted, double value) {
        int low = 0;
        int high = sorted.length - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (Double.compare(sorted[middle], value) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}

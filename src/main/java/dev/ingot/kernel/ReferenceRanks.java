// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import java.util.Arrays;

/** Ranks within rows, by sorting. */
final class ReferenceRanks {
    private ReferenceRanks() {}

    static void rowRanks(Operand values, long rowLength, long count, Operand ranks) {
        for (long first = 0; first < count; first += rowLength) {
            int n = Math.toIntExact(Math.min(rowLength, count - first));
            long[] order = new long[n];
            for (int i = 0; i < n; i++) {
                float value = values.data().get(Blocks.FLOAT, (first + i) * Float.BYTES);
                order[i] = (long) ascending(value) << Integer.SIZE | i;
            }
            Arrays.sort(order);
            for (int rank = 0; rank < n; rank++) {
                ranks.data().set(Blocks.FLOAT, (first + (int) order[rank]) * Float.BYTES, rank);
            }
        }
    }

    /** An integer in the order of the numbers; both zeros are equal, every NaN is the largest. */
    private static int ascending(float value) {
        int bits = Float.floatToIntBits(value == 0 ? 0f : value);
        return bits >= 0 ? bits : Integer.MIN_VALUE - bits;
    }
}

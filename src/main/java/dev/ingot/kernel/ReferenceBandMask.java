// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Masks of bands of ranks, by sorting every row: the definition. */
final class ReferenceBandMask {
    private ReferenceBandMask() {}

    static void run(BandMask op, Tile tile, MemorySegment bits) {
        float[] base = new float[Blocks.SIZE];
        float[] model = new float[Blocks.SIZE];
        long[] order = new long[Math.toIntExact(op.rowLength())];
        boolean[] kept = new boolean[order.length];
        for (long first = 0; first < tile.count(); first += order.length) {
            for (int at = 0; at < order.length; at += Blocks.SIZE) {
                int n = Blocks.length(at, order.length);
                Blocks.load(tile.requireBase(), first + at, n, base);
                Blocks.load(tile.models().getFirst(), first + at, n, model);
                Deltas.subtract(base, model, n);
                for (int i = 0; i < n; i++) {
                    order[at + i] = (long) descending(model[i]) << Integer.SIZE | at + i;
                }
            }
            Arrays.sort(order);
            for (int rank = 0; rank < order.length; rank++) {
                kept[(int) order[rank]] = op.first() <= rank && rank < op.end();
            }
            Blocks.putBits(kept, bits, first);
        }
    }

    /** An integer that falls as the magnitude rises; largest for NaN. */
    private static int descending(float delta) {
        return Float.isNaN(delta) ? 1 : -Deltas.key(Math.abs(delta));
    }
}

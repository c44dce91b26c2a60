// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Random masks by rank, by sorting every row: the definition. */
final class ReferenceRankedMask {
    private static final int LANES = ReferenceReductions.LANES;

    private final RankedMask op;
    private final Tile tile;
    private final Philox philox;
    private final float[] deltas;
    private final float[] numbers;
    private final boolean[] kept;

    private ReferenceRankedMask(RankedMask op, Tile tile) {
        this.op = op;
        this.tile = tile;
        int row = Math.toIntExact(op.rowLength());
        philox = new Philox(op.key());
        deltas = new float[row];
        numbers = new float[row];
        kept = new boolean[row];
    }

    static void run(RankedMask op, Tile tile, MemorySegment bits, MemorySegment sums) {
        ReferenceRankedMask mask = new ReferenceRankedMask(op, tile);
        long written = 0;
        for (long first = 0; first < tile.count(); first += op.rowLength()) {
            mask.load(first);
            mask.decide();
            Blocks.putBits(mask.kept, bits, first);
            for (int start = 0; start < mask.deltas.length; start += Kernels.CHUNK) {
                sums.set(Blocks.LONG, written++ * Double.BYTES, Double.doubleToLongBits(mask.sum(start, false)));
                sums.set(Blocks.LONG, written++ * Double.BYTES, Double.doubleToLongBits(mask.sum(start, true)));
            }
        }
    }

    /** The row's magnitudes and random numbers. */
    private void load(long first) {
        float[] base = new float[Blocks.SIZE];
        float[] model = new float[Blocks.SIZE];
        for (int at = 0; at < deltas.length; at += Blocks.SIZE) {
            int n = Blocks.length(at, deltas.length);
            Blocks.load(tile.requireBase(), first + at, n, base);
            Blocks.load(tile.models().getFirst(), first + at, n, model);
            Deltas.subtract(base, model, n);
            for (int i = 0; i < n; i++) {
                deltas[at + i] = Math.abs(model[i]);
                numbers[at + i] = number(first + at + i);
            }
        }
    }

    private float number(long element) {
        if (tile.models().size() > 1) {
            return tile.models().getLast().data().get(Blocks.FLOAT, element * Float.BYTES);
        }
        long index = tile.start() + element;
        if (element == 0 || (index & 3) == 0) {
            philox.block(index >> 2);
        }
        return (philox.word(index) >>> 8) * 0x1p-24f;
    }

    private void decide() {
        long[] order = new long[deltas.length];
        for (int i = 0; i < order.length; i++) {
            order[i] = (long) Deltas.key(deltas[i]) << Integer.SIZE | i;
        }
        Arrays.sort(order);
        for (int rank = 0; rank < order.length; rank++) {
            int element = (int) order[rank];
            kept[element] = op.probability(rank) > numbers[element];
        }
    }

    private double sum(int start, boolean onlyKept) {
        double[] lanes = new double[LANES];
        for (int i = start; i < Math.min(deltas.length, start + Kernels.CHUNK); i++) {
            lanes[(i - start) % LANES] += onlyKept && !kept[i] ? 0 : deltas[i];
        }
        return ReferenceReductions.fold(lanes);
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/**
 * Float64 sums of a fixed shape in plain Java: element i of a chunk is added, in order, to accumulator i mod 16; the 16
 * accumulators are folded in halves.
 */
final class ReferenceReductions {
    static final int LANES = 16;

    private final float[] base = new float[Blocks.SIZE];
    private final float[] deltas = new float[Blocks.SIZE];

    void deltaSums(List<Mask> masks, Tile tile, MemorySegment sums) {
        Operand baseOperand = tile.requireBase();
        int models = tile.models().size();
        double[][] lanes = new double[2 * models][LANES];
        long at = 0;
        for (long chunk = 0; chunk < tile.count(); chunk += Kernels.CHUNK) {
            long end = Math.min(chunk + Kernels.CHUNK, tile.count());
            for (long first = chunk; first < end; first += Blocks.SIZE) {
                int n = Blocks.length(first, end);
                Blocks.load(baseOperand, first, n, base);
                for (int model = 0; model < models; model++) {
                    Blocks.load(tile.models().get(model), first, n, deltas);
                    Deltas.subtract(base, deltas, n);
                    addMagnitudes(deltas, n, lanes[2 * model]);
                    Deltas.keep(masks.get(model), deltas, n, tile.start() + first);
                    addMagnitudes(deltas, n, lanes[2 * model + 1]);
                }
            }
            at = store(lanes, sums, at);
        }
    }

    void gram(Tile tile, MemorySegment sums) {
        int models = tile.models().size();
        double[][] lanes = new double[Arguments.pairs(models)][LANES];
        float[][] rows = new float[models][Blocks.SIZE];
        long at = 0;
        for (long chunk = 0; chunk < tile.count(); chunk += Kernels.CHUNK) {
            long end = Math.min(chunk + Kernels.CHUNK, tile.count());
            for (long first = chunk; first < end; first += Blocks.SIZE) {
                loadRows(tile, first, Blocks.length(first, end), rows);
                int pair = 0;
                for (int row = 0; row < models; row++) {
                    for (int column = 0; column <= row; column++) {
                        addProducts(rows[row], rows[column], Blocks.length(first, end), lanes[pair++]);
                    }
                }
            }
            at = store(lanes, sums, at);
        }
    }

    private void loadRows(Tile tile, long first, int n, float[][] rows) {
        if (tile.base().isPresent()) {
            Blocks.load(tile.base().get(), first, n, base);
        }
        for (int model = 0; model < rows.length; model++) {
            Blocks.load(tile.models().get(model), first, n, rows[model]);
            if (tile.base().isPresent()) {
                Deltas.subtract(base, rows[model], n);
            }
        }
    }

    private static void addMagnitudes(float[] values, int n, double[] lanes) {
        for (int i = 0; i < n; i++) {
            lanes[i % LANES] += Math.abs(values[i]);
        }
    }

    private static void addProducts(float[] left, float[] right, int n, double[] lanes) {
        for (int i = 0; i < n; i++) {
            // Exact: the product of two float32 numbers fits into a float64.
            lanes[i % LANES] += (double) left[i] * right[i];
        }
    }

    /** Folds every group of accumulators, clears it for the next chunk, and writes the sums one after another. */
    private static long store(double[][] lanes, MemorySegment sums, long offset) {
        long at = offset;
        for (double[] group : lanes) {
            sums.set(Blocks.LONG, at, Double.doubleToLongBits(fold(group)));
            at += Double.BYTES;
            Arrays.fill(group, 0);
        }
        return at;
    }

    /** Adds up a group of accumulators in halves, in place. */
    static double fold(double[] group) {
        for (int width = LANES / 2; width > 0; width /= 2) {
            for (int j = 0; j < width; j++) {
                group[j] += group[j + width];
            }
        }
        return group[0];
    }
}

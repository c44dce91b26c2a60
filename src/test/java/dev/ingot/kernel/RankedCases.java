// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import dev.ingot.checkpoint.Dtype;
import java.util.ArrayList;
import java.util.List;

/** Random masks by rank, and masks of bands of ranks: rows from one element to many, values of every kind, numbers by key and given ones. */
final class RankedCases {
    private static final int[] ROWS = {1, 5, 31, 32, 33, 64, 600, 2047, 2048, 5000, 8192, 11008, 70000};
    private static final int MOST = 100_000;

    record Ranked(List<Dtype> dtypes, int row, int rows, boolean given, Spread spread, Values values, long seed)
            implements KernelCase {
        @Override
        public byte[] run(Kernels kernels, Workbench bench) {
            long start = bench.random().nextLong(4) * row;
            int count = row * rows;
            Tile tile = bench.tile(start, count, true, 1, dtypes, values);
            spread.change(tile, row);
            if (given) {
                Operand draws = bench.input(Dtype.F32, count, Values.TYPICAL);
                for (int i = 0; i < count; i++) {
                    // Often exactly a probability.
                    float number = bench.random().nextInt(64) / 64f;
                    draws.data().set(Blocks.FLOAT, (long) i * Float.BYTES, number);
                }
                tile = new Tile(start, count, tile.base(), List.of(tile.models().getFirst(), draws));
            }
            boolean wide = bench.random().nextBoolean();
            RankedMask op = new RankedMask(wide ? 0.015625f : 0.4f, wide ? 0.96875f : 0.2f, bench.random().nextLong(), row);
            long segments = Formula.segments(start, count, row);
            kernels.rankedMask(op, tile, bench.output(Table.bitBytes(count)), bench.output(segments * 2 * Double.BYTES));
            return bench.result();
        }
    }

    record Band(List<Dtype> dtypes, int row, int rows, Spread spread, Values values, long seed) implements KernelCase {
        @Override
        public byte[] run(Kernels kernels, Workbench bench) {
            int count = row * rows;
            Tile tile = bench.tile(0, count, true, 1, dtypes, values);
            spread.change(tile, row);
            int first = bench.random().nextBoolean() ? 0 : bench.random().nextInt(row);
            int end = bench.random().nextBoolean() ? row : bench.random().nextInt(first, row + 1);
            kernels.bandMask(new BandMask(first, end, row), tile, bench.output(Table.bitBytes(count)));
            return bench.result();
        }
    }

    /** What is done to rows of values, so that they lie in bins in other ways. */
    enum Spread {
        AS_THEY_ARE,
        /** One element is much larger than the others, which are close together then. */
        OUTLIER,
        /** Every other row is that of the base: all are equal. */
        UNCHANGED;

        void change(Tile tile, int row) {
            Operand base = tile.requireBase();
            Operand model = tile.models().getFirst();
            float[] one = {1000};
            float[] moved = new float[1];
            for (long first = 0; first < tile.count() && this != AS_THEY_ARE; first += 2L * row) {
                if (this == OUTLIER) {
                    Blocks.store(one, 1, model, first + row / 2);
                    continue;
                }
                for (int i = 0; i < row; i++) {
                    Blocks.load(base, first + i, 1, moved);
                    Blocks.store(moved, 1, model, first + i);
                }
            }
        }
    }

    private RankedCases() {}

    static List<KernelCase> masks() {
        List<KernelCase> cases = new ArrayList<>();
        for (int row : ROWS) {
            for (Values values : Values.values()) {
                for (Spread spread : Spread.values()) {
                    int turn = cases.size();
                    List<Dtype> dtypes = ElementwiseCases.COMBINATIONS.get(turn % ElementwiseCases.COMBINATIONS.size());
                    int rows = Math.min(1 + turn % 7, MOST / row);
                    cases.add(new Ranked(dtypes, row, rows, turn % 3 == 0, spread, values, turn));
                }
            }
        }
        return cases;
    }

    static List<KernelCase> bands() {
        List<KernelCase> cases = new ArrayList<>();
        for (int row : ROWS) {
            for (Values values : Values.values()) {
                for (Spread spread : Spread.values()) {
                    int turn = cases.size();
                    List<Dtype> dtypes = ElementwiseCases.COMBINATIONS.get(turn % ElementwiseCases.COMBINATIONS.size());
                    cases.add(new Band(dtypes, row, Math.min(1 + turn % 7, MOST / row), spread, values, turn));
                }
            }
        }
        return cases;
    }
}

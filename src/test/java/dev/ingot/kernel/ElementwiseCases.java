// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import dev.ingot.checkpoint.Dtype;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Cases of conversion, weighted sum and merged deltas. */
final class ElementwiseCases {
    /** From nothing to several tiles of blocks, with the neighbours of every vector length. */
    static final List<Integer> SIZES = List.of(
            0, 1, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 1001, 4097, Kernels.CHUNK + 1, 3 * Kernels.CHUNK + 5);

    static final List<Dtype> DTYPES =
            Stream.of(Dtype.values()).filter(Dtype::mergeable).toList();

    /** Every type alone, and mixtures. */
    static final List<List<Dtype>> COMBINATIONS = Stream.concat(
                    DTYPES.stream().map(List::of),
                    Stream.of(
                            List.of(Dtype.BF16, Dtype.F32),
                            List.of(Dtype.F16, Dtype.BF16, Dtype.F64),
                            List.of(Dtype.F32, Dtype.F8_E4M3, Dtype.BF16, Dtype.F8_E5M2, Dtype.F16, Dtype.F64)))
            .toList();

    static final List<Integer> MODELS = List.of(1, 2, 3, 5, 17, 64);

    /** Starts of tiles; the last ones lie around where the Philox counter needs its second word. */
    private static final long[] STARTS = {0, 1, 3, 6, Kernels.CHUNK, (1L << 34) - 5, (1L << 36) + 7};

    private static final float[] WEIGHTS = {0.3f, 0.5f, 1f, 0.7f, -0.4f, 1.3f, 0f, -1f};

    record Convert(Dtype from, Dtype to, int count, Values values, long seed) implements KernelCase {
        @Override
        public byte[] run(Kernels kernels, Workbench bench) {
            kernels.convert(bench.input(from, count, values), bench.output(to, count), count);
            return bench.result();
        }
    }

    record Sum(List<Dtype> dtypes, int models, int count, Values values, long seed) implements KernelCase {
        @Override
        public byte[] run(Kernels kernels, Workbench bench) {
            Tile tile = bench.tile(0, count, false, models, dtypes, values);
            WeightedSum op = new WeightedSum(bench.random()
                    .ints(models, 0, WEIGHTS.length)
                    .mapToObj(i -> WEIGHTS[i])
                    .toList());
            kernels.weightedSum(op, tile, bench.output(dtypes.getLast(), count));
            return bench.result();
        }
    }

    /** How deltas are put together. */
    enum Mode {
        PLAIN(false, false, 1f, 1f),
        SCALED(false, false, 2.7f, 0.7f),
        ELECTED(true, false, 1f, -1.5f),
        ELECTED_MEAN(true, true, 1f, 1f);

        private final boolean consensus;
        private final boolean normalize;
        private final float divisor;
        private final float lambda;

        Mode(boolean consensus, boolean normalize, float divisor, float lambda) {
            this.consensus = consensus;
            this.normalize = normalize;
            this.divisor = divisor;
            this.lambda = lambda;
        }

        DeltaMerge op(List<DeltaMerge.Term> terms) {
            return new DeltaMerge(terms, consensus, normalize, divisor, lambda);
        }
    }

    /** @param mask 0 none, 1 magnitude, 2 random, 3 bits, 4 another one for each model */
    record Merge(Mode mode, int mask, List<Dtype> dtypes, int models, long start, int count, Values values, long seed)
            implements KernelCase {
        @Override
        public byte[] run(Kernels kernels, Workbench bench) {
            Tile tile = bench.tile(start, count, true, models, dtypes, values);
            SplittableRandom random = bench.random();
            List<DeltaMerge.Term> terms = IntStream.range(0, models)
                    .mapToObj(model -> new DeltaMerge.Term(
                            WEIGHTS[random.nextInt(WEIGHTS.length)],
                            random.nextInt(3) == 0 ? 1f : 1 + random.nextInt(9) / 7f,
                            bench.mask(mask == 4 ? model % 4 : mask, tile, model)))
                    .toList();
            kernels.deltaMerge(mode.op(terms), tile, bench.output(dtypes.getLast(), count));
            return bench.result();
        }
    }

    private ElementwiseCases() {}

    static List<KernelCase> convert() {
        List<KernelCase> cases = new ArrayList<>();
        for (Dtype from : DTYPES) {
            for (Dtype to : DTYPES) {
                for (int size : SIZES) {
                    cases.add(new Convert(from, to, size, turn(Values.values(), cases.size()), cases.size()));
                }
                for (Values values : Values.values()) {
                    cases.add(new Convert(from, to, 4097, values, cases.size()));
                }
            }
        }
        return cases;
    }

    static List<KernelCase> weightedSum() {
        List<KernelCase> cases = new ArrayList<>();
        for (List<Dtype> dtypes : COMBINATIONS) {
            for (int size : SIZES) {
                int models = MODELS.get(cases.size() % (size > 4097 ? 4 : MODELS.size()));
                cases.add(new Sum(dtypes, models, size, turn(Values.values(), cases.size()), cases.size()));
            }
            for (Values values : Values.values()) {
                for (int models : MODELS) {
                    cases.add(new Sum(dtypes, models, 333, values, cases.size()));
                }
            }
        }
        // More inputs than any other operation takes.
        cases.add(new Sum(List.of(Dtype.BF16), 200, 65, Values.TYPICAL, cases.size()));
        return cases;
    }

    static List<KernelCase> deltaMerge() {
        List<KernelCase> cases = new ArrayList<>();
        for (List<Dtype> dtypes : COMBINATIONS) {
            for (int size : SIZES) {
                int turn = cases.size();
                int models = MODELS.get(turn % (size > 4097 ? 4 : MODELS.size()));
                cases.add(new Merge(turn(Mode.values(), turn), turn / 4 % 4, dtypes, models, STARTS[turn % STARTS.length],
                        size, turn(Values.values(), turn), turn));
            }
            for (Mode mode : Mode.values()) {
                for (int mask = 0; mask < 5; mask++) {
                    for (int models : MODELS) {
                        int turn = cases.size();
                        cases.add(new Merge(mode, mask, dtypes, models, STARTS[turn % STARTS.length], 77,
                                turn(Values.values(), turn), turn));
                    }
                    for (Values values : Values.values()) {
                        int turn = cases.size();
                        cases.add(new Merge(mode, mask, dtypes, 3, STARTS[turn % STARTS.length], 1001, values, turn));
                    }
                }
            }
        }
        return cases;
    }

    static <T> T turn(T[] values, int turn) {
        return values[turn % values.length];
    }
}

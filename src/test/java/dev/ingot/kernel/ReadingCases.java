// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import static dev.ingot.kernel.ElementwiseCases.COMBINATIONS;
import static dev.ingot.kernel.ElementwiseCases.MODELS;
import static dev.ingot.kernel.ElementwiseCases.SIZES;
import static dev.ingot.kernel.ElementwiseCases.turn;

import dev.ingot.checkpoint.Dtype;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Cases of reductions and selection. */
final class ReadingCases {
    record Sums(int mask, List<Dtype> dtypes, int models, int chunk, int count, Values values, long seed)
            implements KernelCase {
        @Override
        public byte[] run(Kernels kernels, Workbench bench) {
            Tile tile = bench.tile((long) chunk * Kernels.CHUNK, count, true, models, dtypes, values);
            List<Mask> masks = IntStream.range(0, models)
                    .mapToObj(model -> bench.mask(mask == 4 ? model % 4 : mask, tile, model))
                    .toList();
            kernels.deltaSums(masks, tile, bench.output(chunks(count) * 2 * models * Double.BYTES));
            return bench.result();
        }
    }

    record Gram(boolean base, List<Dtype> dtypes, int models, int count, Values values, long seed)
            implements KernelCase {
        @Override
        public byte[] run(Kernels kernels, Workbench bench) {
            Tile tile = bench.tile(0, count, base, models, dtypes, values);
            kernels.gram(tile, bench.output(chunks(count) * Arguments.pairs(models) * Double.BYTES));
            return bench.result();
        }
    }

    /** @param room how many candidates fit, as a fraction of the elements in 1/4 */
    record Scan(List<Dtype> dtypes, int models, int room, int count, Values values, long seed) implements KernelCase {
        @Override
        public byte[] run(Kernels kernels, Workbench bench) {
            Tile tile = bench.tile(0, count, true, models, dtypes, values);
            List<Bracket> brackets =
                    IntStream.range(0, models).mapToObj(model -> bracket(bench, tile, model)).toList();
            List<MemorySegment> candidates = IntStream.range(0, models)
                    .mapToObj(model -> bench.output((long) Integer.BYTES * (room * count / 4)))
                    .toList();
            List<ScanCounts> counted = kernels.selectScan(brackets, tile, candidates);
            for (int model = 0; model < models; model++) {
                // Room that the candidates leave is a backend's own.
                MemorySegment buffer = candidates.get(model);
                buffer.asSlice(Math.min(counted.get(model).inside() * Integer.BYTES, buffer.byteSize())).fill((byte) 0);
            }
            return bench.result(counted.stream()
                    .flatMapToLong(counts ->
                            LongStream.of(counts.above(), counts.atHigh(), counts.inside(), counts.atLow()))
                    .toArray());
        }

        private static Bracket bracket(Workbench bench, Tile tile, int model) {
            int one = bench.someKey(tile, model);
            int other = bench.someKey(tile, model);
            return switch (bench.random().nextInt(5)) {
                case 0 -> Bracket.ALL;
                case 1 -> new Bracket(one, one);
                case 2 -> new Bracket(-1, one);
                default -> new Bracket(Math.min(one, other), Math.max(one, other));
            };
        }
    }

    record Sample(List<Dtype> dtypes, int count, int samples, Values values, long seed) implements KernelCase {
        @Override
        public byte[] run(Kernels kernels, Workbench bench) {
            Tile tile = bench.tile(0, count, true, 1, dtypes, values);
            MemorySegment positions = bench.memory((long) samples * Long.BYTES);
            for (int i = 0; i < samples; i++) {
                positions.set(Blocks.LONG, (long) i * Long.BYTES, bench.random().nextLong(count));
            }
            MemorySegment keys = bench.output((long) samples * Integer.BYTES);
            kernels.selectSample(tile.requireBase(), tile.models().getFirst(), positions, keys);
            return bench.result();
        }
    }

    record Histogram(boolean fine, List<Dtype> dtypes, int count, Values values, long seed) implements KernelCase {
        @Override
        public byte[] run(Kernels kernels, Workbench bench) {
            Tile tile = bench.tile(0, count, true, 1, dtypes, values);
            MemorySegment bins = bench.output((fine ? 32768 : 65536) * (long) Long.BYTES);
            int prefix = fine ? bench.someKey(tile, 0) >>> 15 : -1;
            kernels.selectHistogram(tile.requireBase(), tile.models().getFirst(), count, prefix, bins);
            return bench.result();
        }
    }

    record Nth(List<Dtype> dtypes, int count, long nth, Values values, long seed) implements KernelCase {
        @Override
        public byte[] run(Kernels kernels, Workbench bench) {
            Tile tile = bench.tile(0, count, true, 1, dtypes, values);
            int key = bench.someKey(tile, 0);
            return bench.result(
                    kernels.selectNthEqual(tile.requireBase(), tile.models().getFirst(), count, key, nth));
        }
    }

    /** @param different how many different keys there are at most */
    record Kth(int count, int different, long seed) implements KernelCase {
        @Override
        public byte[] run(Kernels kernels, Workbench bench) {
            // An output although it is only read: that the keys stay as they are is part of the result.
            MemorySegment keys = bench.output((long) count * Integer.BYTES);
            for (int i = 0; i < count; i++) {
                int key = different == Integer.MAX_VALUE ? bench.random().nextInt() >>> 1 : bench.random().nextInt(different);
                keys.set(Blocks.INT, (long) i * Integer.BYTES, key);
            }
            int some = keys.get(Blocks.INT, 0);
            long equal = kernels.countEqual(keys, count, some);
            KthLargest kth = kernels.kthLargest(keys, count, bench.random().nextLong(1, count + 1));
            return bench.result(equal, kth.key(), kth.larger());
        }
    }

    private ReadingCases() {}

    private static long chunks(int count) {
        return Math.ceilDiv(count, Kernels.CHUNK);
    }

    static List<KernelCase> deltaSums() {
        List<KernelCase> cases = new ArrayList<>();
        for (List<Dtype> dtypes : COMBINATIONS) {
            for (int size : SIZES) {
                for (int mask = 0; mask < 5; mask++) {
                    int turn = cases.size();
                    int models = MODELS.get(turn / 4 % (size > 4097 ? 3 : MODELS.size()));
                    cases.add(new Sums(mask, dtypes, models, turn % 3, size, turn(Values.values(), turn / 4), turn));
                }
            }
        }
        return cases;
    }

    static List<KernelCase> gram() {
        List<KernelCase> cases = new ArrayList<>();
        for (List<Dtype> dtypes : COMBINATIONS) {
            for (int size : SIZES) {
                for (boolean base : new boolean[] {false, true}) {
                    int turn = cases.size();
                    int models = MODELS.get(turn / 2 % (size > 4097 ? 3 : MODELS.size()));
                    cases.add(new Gram(base, dtypes, models, size, turn(Values.values(), turn / 2), turn));
                }
            }
        }
        return cases;
    }

    static List<KernelCase> selectScan() {
        List<KernelCase> cases = new ArrayList<>();
        for (List<Dtype> dtypes : COMBINATIONS) {
            for (int size : SIZES) {
                for (Values values : Values.values()) {
                    int turn = cases.size();
                    int models = MODELS.get(turn % (size > 4097 ? 2 : size > 1000 ? 3 : MODELS.size()));
                    cases.add(new Scan(dtypes, models, turn % 5, size, values, turn));
                }
            }
        }
        return cases;
    }

    static List<KernelCase> otherSelection() {
        List<KernelCase> cases = new ArrayList<>();
        for (List<Dtype> dtypes : COMBINATIONS) {
            for (int size : SIZES) {
                Values values = turn(Values.values(), cases.size());
                cases.add(new Sample(dtypes, size, size == 0 ? 0 : cases.size() % 70, values, cases.size()));
                cases.add(new Nth(dtypes, size, 1, values, cases.size()));
                cases.add(new Nth(dtypes, size, 1 + size / 50, Values.TIES, cases.size()));
            }
            for (Values values : Values.values()) {
                cases.add(new Histogram(false, dtypes, 3001, values, cases.size()));
                cases.add(new Histogram(true, dtypes, 3001, values, cases.size()));
            }
        }
        for (int size : SIZES.subList(1, SIZES.size())) {
            for (int different : new int[] {1, 2, 10, 1000, Integer.MAX_VALUE}) {
                cases.add(new Kth(size, different, cases.size()));
            }
        }
        return cases;
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.ingot.checkpoint.Dtype;
import java.lang.foreign.MemorySegment;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.IntToDoubleFunction;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The reference's reductions against exact sums, its selection against a sort. */
class ReadingDefinitionTest {
    private static final int COUNT = Kernels.CHUNK + 777;
    private static final int CHUNKS = 2;

    private final Workbench bench = new Workbench(5);
    private final Kernels kernels = new ReferenceBackend().open();

    @AfterEach
    void close() {
        bench.close();
    }

    @Test
    void deltaSumsMatchExactSums() {
        Tile tile = bench.tile(0, COUNT, true, 2, List.of(Dtype.F32), Values.TYPICAL);
        Mask mask = new Mask.Magnitude(Float.floatToIntBits(0.05f), 0);
        MemorySegment sums = bench.output(CHUNKS * 2L * 2 * Double.BYTES);
        kernels.deltaSums(List.of(Mask.NONE, mask), tile, sums);
        double[] actual = Tensors.doubles(sums);
        for (int chunk = 0; chunk < CHUNKS; chunk++) {
            for (int model = 0; model < 2; model++) {
                int m = model;
                double all = exactSum(chunk, i -> Math.abs(delta(tile, m, i)));
                double kept = exactSum(chunk, i -> {
                    float d = Math.abs(delta(tile, m, i));
                    return m == 0 || d > 0.05f ? d : 0;
                });
                assertThat(actual[chunk * 4 + model * 2]).isCloseTo(all, within(all * 1e-13));
                assertThat(actual[chunk * 4 + model * 2 + 1]).isCloseTo(kept, within(kept * 1e-13));
            }
        }
    }

    @Test
    void elementsOfHigherRankAreKeptMoreOften() {
        int row = 1000;
        Tile tile = bench.tile(0, 20 * row, true, 1, List.of(Dtype.F32), Values.TYPICAL);
        MemorySegment bits = bench.output(Table.bitBytes(tile.count()));
        kernels.rankedMask(new RankedMask(0.25f, 0.5f, 9, row), tile, bits, bench.output(20 * 2L * Double.BYTES));
        Table mask = new Table(bits);
        int[] kept = new int[4];
        for (int first = 0; first < tile.count(); first += row) {
            int start = first;
            int[] order = IntStream.range(start, start + row)
                    .boxed()
                    .sorted(Comparator.comparing(i -> Math.abs(delta(tile, 0, i))))
                    .mapToInt(Integer::intValue)
                    .toArray();
            for (int rank = 0; rank < row; rank++) {
                kept[rank * 4 / row] += mask.bit(order[rank]) ? 1 : 0;
            }
        }
        for (int quarter = 0; quarter < 4; quarter++) {
            assertThat(kept[quarter]).isCloseTo((int) (5000 * (0.3125 + 0.125 * quarter)), within(200));
        }
    }

    @Test
    void gramMatchesExactDotProducts() {
        for (boolean base : new boolean[] {true, false}) {
            Tile tile = bench.tile(0, COUNT, base, 3, List.of(Dtype.BF16, Dtype.F16), Values.TYPICAL);
            MemorySegment sums = bench.output(CHUNKS * 6L * Double.BYTES);
            kernels.gram(tile, sums);
            double[] actual = Tensors.doubles(sums);
            int at = 0;
            for (int chunk = 0; chunk < CHUNKS; chunk++) {
                for (int row = 0; row < 3; row++) {
                    for (int column = 0; column <= row; column++) {
                        int r = row;
                        int c = column;
                        double exact = exactSum(chunk, i -> (double) delta(tile, r, i) * delta(tile, c, i));
                        double size = exactSum(chunk, i -> Math.abs((double) delta(tile, r, i) * delta(tile, c, i)));
                        assertThat(actual[at++]).isCloseTo(exact, within(size * 1e-13));
                    }
                }
            }
        }
    }

    /** The shape itself: with values of very different size the order of additions shows. */
    @Test
    void theReductionHasItsDocumentedShape() {
        Tile tile = bench.tile(0, 1000, false, 1, List.of(Dtype.F32), Values.SPECIAL);
        for (int i = 0; i < 1000; i++) {
            float value = (float) (bench.random().nextGaussian() * Math.pow(10, bench.random().nextInt(-15, 15)));
            tile.models().getFirst().data().set(Blocks.INT, i * 4L, Float.floatToIntBits(value));
        }
        double[] a = new double[16];
        for (int i = 0; i < 1000; i++) {
            double x = Tensors.value(tile.models().getFirst(), i);
            a[i % 16] += x * x;
        }
        double expected = (((a[0] + a[8]) + (a[4] + a[12])) + ((a[2] + a[10]) + (a[6] + a[14])))
                + (((a[1] + a[9]) + (a[5] + a[13])) + ((a[3] + a[11]) + (a[7] + a[15])));
        MemorySegment sums = bench.output(Double.BYTES);
        kernels.gram(tile, sums);
        assertThat(Tensors.doubles(sums)).containsExactly(expected);
    }

    private static double exactSum(int chunk, IntToDoubleFunction term) {
        int first = chunk * Kernels.CHUNK;
        return IntStream.range(first, Math.min(first + Kernels.CHUNK, COUNT))
                .mapToObj(i -> new BigDecimal(term.applyAsDouble(i)))
                .reduce(BigDecimal.ZERO, BigDecimal::add)
                .doubleValue();
    }

    private static float delta(Tile tile, int model, int i) {
        float x = Tensors.value(tile.models().get(model), i);
        return tile.base().isPresent() ? x - Tensors.value(tile.base().get(), i) : x;
    }

    @Test
    void scanHistogramAndNthMatchASort() {
        for (Values values : List.of(Values.TYPICAL, Values.TIES, Values.SPECIAL)) {
            Tile tile = bench.tile(0, 5000, true, 1, List.of(Dtype.BF16), values);
            int[] keys = IntStream.range(0, 5000)
                    .map(i -> Float.floatToIntBits(Math.abs(delta(tile, 0, i))))
                    .toArray();
            int[] sorted = keys.clone();
            Arrays.sort(sorted);
            Bracket bracket = new Bracket(sorted[2000], sorted[3000]);
            MemorySegment candidates = bench.output(5000L * Integer.BYTES);
            ScanCounts counts = kernels.selectScan(List.of(bracket), tile, List.of(candidates)).getFirst();
            assertThat(counts).isEqualTo(new ScanCounts(
                    count(keys, k -> k > bracket.high()),
                    count(keys, k -> k == bracket.high()),
                    count(keys, k -> k > bracket.low() && k < bracket.high()),
                    count(keys, k -> k == bracket.low())));
            assertThat(ints(candidates, counts.inside())).containsExactly(
                    Arrays.stream(keys).filter(k -> k > bracket.low() && k < bracket.high()).toArray());

            int key = sorted[2500];
            int[] places = IntStream.range(0, 5000).filter(i -> keys[i] == key).toArray();
            Operand base = tile.requireBase();
            Operand model = tile.models().getFirst();
            for (int nth = 1; nth <= places.length; nth++) {
                assertThat(kernels.selectNthEqual(base, model, 5000, key, nth)).isEqualTo(places[nth - 1]);
            }
            assertThat(kernels.selectNthEqual(base, model, 5000, key, places.length + 1)).isEqualTo(-1);

            assertThat(histogram(base, model, -1, 65536)).isEqualTo(counted(keys, 65536, k -> k >> 15));
            assertThat(histogram(base, model, key >> 15, 32768))
                    .isEqualTo(counted(keys, 32768, k -> k >> 15 == key >> 15 ? k & 0x7fff : -1));
        }
    }

    @Test
    void kthLargestMatchesASort() {
        for (int bound : new int[] {1, 3, 1000, Integer.MAX_VALUE}) {
            int[] keys = bench.random().ints(3000, 0, bound).toArray();
            int[] sorted = keys.clone();
            Arrays.sort(sorted);
            for (int rank : new int[] {1, 2, 1500, 2999, 3000}) {
                MemorySegment segment = bench.memory(3000L * Integer.BYTES);
                IntStream.range(0, 3000).forEach(i -> segment.set(Blocks.INT, i * 4L, keys[i]));
                int key = sorted[3000 - rank];
                assertThat(kernels.countEqual(segment, 3000, key)).isEqualTo(count(keys, k -> k == key));
                assertThat(kernels.kthLargest(segment, 3000, rank))
                        .isEqualTo(new KthLargest(key, count(keys, k -> k > key)));
            }
        }
    }

    @Test
    void nanRanksAboveInfinity() {
        assertThat(Deltas.key(Float.intBitsToFloat(0xffc12345))).isEqualTo(0x7fc00000);
        assertThat(Deltas.key(Float.NEGATIVE_INFINITY)).isEqualTo(0x7f800000);
        assertThat(Deltas.key(-0f)).isZero();
    }

    private long[] histogram(Operand base, Operand model, int prefix, int bins) {
        MemorySegment segment = bench.output((long) bins * Long.BYTES).fill((byte) 0);
        kernels.selectHistogram(base, model, 5000, prefix, segment);
        return LongStream.range(0, bins).map(i -> segment.get(Blocks.LONG, i * Long.BYTES)).toArray();
    }

    private static long[] counted(int[] keys, int bins, IntUnaryOperator bin) {
        long[] counts = new long[bins];
        Arrays.stream(keys).map(bin).filter(b -> b >= 0).forEach(b -> counts[b]++);
        return counts;
    }

    private static long count(int[] keys, IntPredicate holds) {
        return Arrays.stream(keys).filter(holds).count();
    }

    private static int[] ints(MemorySegment segment, long count) {
        return LongStream.range(0, count).mapToInt(i -> segment.get(Blocks.INT, i * Integer.BYTES)).toArray();
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.kernel.InputFaultException;
import dev.ingot.kernel.Operand;
import dev.ingot.kernel.ReferenceBackend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CyclicBarrier;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Workers that count for several histograms by turns lose no key and count none twice. */
class KeyHistogramTest {
    private static final int TILE = 1_000;
    private static final int TILES = 12;
    private static final int WORKERS = 3;

    /** Fewer than histograms, as many, and more. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5})
    void everyKeyIsCountedOnce(int held) throws Exception {
        SplittableRandom random = new SplittableRandom(5);
        List<KeyHistogram> histograms = IntStream.range(0, 3).mapToObj(i -> new KeyHistogram(-1, i)).toList();
        try (Arena arena = Arena.ofShared()) {
            Operand zeros = new Operand(arena.allocate(TILE * 4L, 4), Dtype.F32);
            List<List<Operand>> tiles = new ArrayList<>();
            List<List<Integer>> bins = new ArrayList<>();
            for (int h = 0; h < histograms.size(); h++) {
                tiles.add(new ArrayList<>());
                bins.add(new ArrayList<>());
                for (int tile = 0; tile < TILES; tile++) {
                    MemorySegment values = arena.allocate(TILE * 4L, 4);
                    for (int i = 0; i < TILE; i++) {
                        float value = (float) (random.nextDouble() - 0.5) * (h + 1);
                        values.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
                        bins.get(h).add((Float.floatToRawIntBits(value) & Integer.MAX_VALUE) >> KeyHistogram.LOW_BITS);
                    }
                    tiles.get(h).add(new Operand(values, Dtype.F32));
                }
            }
            // The first histogram is read while workers that have counted for it are still there, the others when they have ended.
            CyclicBarrier counted = new CyclicBarrier(WORKERS + 1);
            CyclicBarrier read = new CyclicBarrier(WORKERS + 1);
            List<Thread> workers = IntStream.range(0, WORKERS).mapToObj(worker -> Thread.ofPlatform().start(() -> {
                try (Lane lane = new Lane(new ReferenceBackend(), 0, held)) {
                    for (int tile = worker; tile < TILES; tile += WORKERS) {
                        for (int h = 0; h < histograms.size(); h++) {
                            if (h == 0 || tile < TILES - WORKERS) {
                                histograms.get(h).add(List.of(zeros, tiles.get(h).get(tile)), TILE, lane);
                            }
                        }
                    }
                    counted.await();
                    read.await();
                    for (int h = 1; h < histograms.size(); h++) {
                        int tile = TILES - WORKERS + worker;
                        histograms.get(h).add(List.of(zeros, tiles.get(h).get(tile)), TILE, lane);
                    }
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            })).toList();
            counted.await();
            check(histograms.getFirst(), bins.getFirst());
            read.await();
            for (Thread worker : workers) {
                worker.join();
            }
            for (int h = 1; h < histograms.size(); h++) {
                check(histograms.get(h), bins.get(h));
            }
        }
    }

    /** Every rank is found in its bin, down to the last key. */
    private static void check(KeyHistogram histogram, List<Integer> bins) {
        List<Integer> descending = bins.stream().sorted((a, b) -> Integer.compare(b, a)).toList();
        for (int rank = 1; rank <= descending.size(); rank += rank < 50 ? 1 : 997) {
            assertThat(histogram.find(rank).bin()).as("rank %d", rank).isEqualTo(descending.get(rank - 1));
        }
        KeyHistogram.Found last = histogram.find(descending.size());
        assertThat(last.bin()).isEqualTo(descending.getLast());
        assertThat(last.above()).isEqualTo(bins.stream().filter(bin -> bin > last.bin()).count());
        assertThatThrownBy(() -> histogram.find(descending.size() + 1L)).isInstanceOf(InputFaultException.class);
    }
}

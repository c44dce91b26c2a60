// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ingot.kernel.MersenneTwister;
import dev.ingot.plan.DrawOrder;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The random sequence of a run gives the same numbers at a place however it is read. */
class RandomSequenceTest {
    private static final int SEED = 11;

    /** Outputs between two snapshots. */
    private static final int SPACING = DrawOrder.SNAPSHOT_BLOCKS * MersenneTwister.BLOCK;

    /** First outputs of tensors: small ones that share a block, and two large ones. */
    private static final List<Long> FIRSTS = List.of(0L, 10L, 700L, 700L + 3 * SPACING);

    private static final long END = 700L + 5 * SPACING;
    private static final int TILE = 50_000;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment expected = arena.allocate(END * Float.BYTES);

    RandomSequenceTest() {
        MersenneTwister.seeded(SEED).uniforms(0, END, expected);
    }

    @AfterEach
    void free() {
        arena.close();
    }

    private static long end(int tensor) {
        return tensor + 1 == FIRSTS.size() ? END : FIRSTS.get(tensor + 1);
    }

    private static void open(RandomSequence sequence, int tensor) {
        sequence.open(FIRSTS.get(tensor), end(tensor) - FIRSTS.get(tensor));
    }

    private void check(RandomSequence sequence, long first, long count) {
        try (Arena own = Arena.ofConfined()) {
            MemorySegment found = own.allocate(count * Float.BYTES);
            sequence.fill(first, count, found);
            long mismatch = found.mismatch(expected.asSlice(first * Float.BYTES, count * Float.BYTES));
            assertThat(mismatch).as("from " + first).isEqualTo(-1);
        }
    }

    private void checkTiles(RandomSequence sequence, int tensor, Random order) {
        List<Long> tiles = new ArrayList<>();
        for (long first = FIRSTS.get(tensor); first < end(tensor); first += TILE) {
            tiles.add(first);
        }
        Collections.shuffle(tiles, order);
        tiles.forEach(first -> check(sequence, first, Math.min(TILE, end(tensor) - first)));
    }

    @Test
    void tilesMayBeReadInAnyOrder() {
        RandomSequence sequence = new RandomSequence(SEED, FIRSTS);
        for (int tensor = 0; tensor < FIRSTS.size(); tensor++) {
            open(sequence, tensor);
            checkTiles(sequence, tensor, new Random(tensor));
            sequence.close(FIRSTS.get(tensor));
        }
    }

    @Test
    void tensorsMayBeReadInAnyOrder() {
        RandomSequence sequence = new RandomSequence(SEED, FIRSTS);
        for (int tensor : new int[] {3, 1, 2, 0}) {
            open(sequence, tensor);
            checkTiles(sequence, tensor, new Random(tensor));
            sequence.close(FIRSTS.get(tensor));
        }
    }

    @Test
    void threadsMayReadAtTheSameTime() {
        RandomSequence sequence = new RandomSequence(SEED, FIRSTS);
        IntStream.range(0, FIRSTS.size()).forEach(tensor -> open(sequence, tensor));
        List<CompletableFuture<Void>> readers = IntStream.range(0, 8)
                .mapToObj(reader -> CompletableFuture.runAsync(() -> {
                    Random random = new Random(reader);
                    for (int tensor = FIRSTS.size() - 1; tensor >= 0; tensor--) {
                        checkTiles(sequence, tensor, random);
                    }
                }))
                .toList();
        readers.forEach(CompletableFuture::join);
    }

    /** The plan counts two more than one every so often; the starts of tensors that have not been opened come on top. */
    @Test
    void keepsSnapshotsOfOpenTensorsOnly() {
        RandomSequence sequence = new RandomSequence(SEED, FIRSTS);
        open(sequence, 3);
        check(sequence, END - 1, 1);
        assertThat(sequence.held()).isEqualTo(2 + 3);
        open(sequence, 2);
        check(sequence, FIRSTS.get(3) - 700, 1);
        assertThat(sequence.held()).isEqualTo(2 + 3 + 3);
        sequence.close(FIRSTS.get(3));
        sequence.close(FIRSTS.get(3));
        check(sequence, FIRSTS.get(2) + SPACING, 1);
        open(sequence, 0);
        open(sequence, 1);
        sequence.close(FIRSTS.get(2));
        assertThat(sequence.held()).as("blocks 0 and 1, which hold the small ones").isEqualTo(2);
        check(sequence, 10, 690);
        sequence.close(FIRSTS.get(0));
        check(sequence, 10, 690);
        sequence.close(FIRSTS.get(1));
        assertThat(sequence.held()).isZero();
    }
}

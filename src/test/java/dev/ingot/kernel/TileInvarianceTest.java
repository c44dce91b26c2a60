// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ingot.checkpoint.Dtype;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** How a tensor is cut into tiles does not show in the result. */
class TileInvarianceTest {
    private static final int COUNT = 2 * Kernels.CHUNK + 321;
    private static final List<Dtype> DTYPES = List.of(Dtype.BF16, Dtype.F16, Dtype.F32);

    /** A kernel whose output has one element per input element. */
    private interface Elementwise {
        void run(Kernels kernels, Tile tile, Operand output);
    }

    /** A kernel whose output has a fixed number of bytes per chunk. */
    private interface Reduction {
        void run(Kernels kernels, Tile tile, MemorySegment output);
    }

    @TestFactory
    Stream<DynamicTest> mergesDoNotDependOnTiles() {
        return TestBackends.all(backend -> {
            WeightedSum sum = new WeightedSum(List.of(0.3f, 0.5f, -0.2f));
            assertSameInTiles(backend, (kernels, tile, output) -> kernels.weightedSum(sum, tile, output));
            for (ElementwiseCases.Mode mode : ElementwiseCases.Mode.values()) {
                DeltaMerge merge = mode.op(masks().stream()
                        .map(mask -> new DeltaMerge.Term(0.4f, 1.5f, mask))
                        .toList());
                assertSameInTiles(backend, (kernels, tile, output) -> kernels.deltaMerge(merge, tile, output));
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> reductionsDoNotDependOnTiles() {
        return TestBackends.all(backend -> {
            assertSameInChunks(backend, 6, (kernels, tile, sums) -> kernels.deltaSums(masks(), tile, sums));
            assertSameInChunks(backend, 6, Kernels::gram);
        });
    }

    private static List<Mask> masks() {
        return List.of(
                new Mask.Magnitude(Float.floatToIntBits(0.125f), 20_000),
                Mask.Random.ofProbability(99, 0.4),
                Mask.NONE);
    }

    private static void assertSameInTiles(Backend backend, Elementwise kernel) {
        try (Workbench bench = new Workbench(3);
                Kernels kernels = backend.open()) {
            Tile whole = bench.tile(0, COUNT, true, 3, DTYPES, Values.TIES);
            Operand expected = bench.output(Dtype.BF16, COUNT);
            kernel.run(kernels, whole, expected);
            for (int size : new int[] {777, 4096, 16_385}) {
                Operand actual = bench.output(Dtype.BF16, COUNT);
                for (int first = 0; first < COUNT; first += size) {
                    int count = Math.min(size, COUNT - first);
                    kernel.run(kernels, Tensors.part(whole, first, count), Tensors.part(actual, first, count));
                }
                assertThat(actual.data().mismatch(expected.data())).as("tiles of %d", size).isEqualTo(-1);
            }
        }
    }

    private static void assertSameInChunks(Backend backend, int perChunk, Reduction kernel) {
        try (Workbench bench = new Workbench(4);
                Kernels kernels = backend.open()) {
            Tile whole = bench.tile(0, COUNT, true, 3, DTYPES, Values.TYPICAL);
            long bytes = (long) perChunk * Double.BYTES;
            MemorySegment expected = bench.output(3 * bytes);
            kernel.run(kernels, whole, expected);
            for (int chunks : new int[] {1, 2}) {
                MemorySegment actual = bench.output(3 * bytes);
                for (int chunk = 0; chunk < 3; chunk += chunks) {
                    int first = chunk * Kernels.CHUNK;
                    Tile part = Tensors.part(whole, first, Math.min(chunks * Kernels.CHUNK, COUNT - first));
                    kernel.run(kernels, part, actual.asSlice(chunk * bytes, Math.min(chunks, 3 - chunk) * bytes));
                }
                assertThat(actual.mismatch(expected)).as("tiles of %d chunks", chunks).isEqualTo(-1);
            }
        }
    }

    @TestFactory
    Stream<DynamicTest> lanesDoNotDisturbEachOther() {
        return TestBackends.all(backend -> {
            KernelCase one = new ElementwiseCases.Merge(
                    ElementwiseCases.Mode.ELECTED_MEAN, 3, DTYPES, 5, 6, 5000, Values.TYPICAL, 8);
            byte[] expected;
            try (Kernels kernels = backend.open()) {
                expected = one.run(kernels);
            }
            List<Boolean> same = IntStream.range(0, 4).parallel().mapToObj(lane -> {
                try (Kernels kernels = backend.open()) {
                    boolean equal = true;
                    for (int i = 0; i < 8; i++) {
                        equal &= Arrays.equals(one.run(kernels), expected);
                    }
                    return equal;
                }
            }).toList();
            assertThat(same).hasSize(4).doesNotContain(false);
        });
    }
}

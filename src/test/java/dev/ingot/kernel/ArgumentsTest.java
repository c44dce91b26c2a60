// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ingot.checkpoint.Dtype;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Wrong arguments are refused by every backend before any memory is touched. */
class ArgumentsTest {
    @TestFactory
    Stream<DynamicTest> defectsOfTheCallerAreNamed() {
        return TestBackends.all(backend -> {
            try (Arena arena = Arena.ofConfined();
                    Kernels kernels = backend.open()) {
                refuse(kernels, arena);
            }
        });
    }

    private static void refuse(Kernels kernels, Arena arena) {
        Operand ten = operand(arena, 10);
        Operand nine = operand(arena, 9);
        Tile tile = new Tile(0, 10, Optional.of(ten), List.of(ten));
        Tile longer = new Tile(0, 11, Optional.of(ten), List.of(ten));
        Tile odd = new Tile(5, 10, Optional.of(ten), List.of(ten));
        MemorySegment eight = arena.allocate(8);
        WeightedSum sum = new WeightedSum(List.of(1f));
        DeltaMerge two = new DeltaMerge(
                Collections.nCopies(2, new DeltaMerge.Term(1, 1, Mask.NONE)), false, false, 1, 1);

        refused(kernels, "input: the segment is shorter", k -> k.convert(nine, ten, 10));
        refused(kernels, "output: the segment is shorter", k -> k.convert(ten, nine, 10));
        refused(kernels, "input: the segment is shorter", k -> k.convert(ten, ten, -1));
        Operand constant = new Operand(ten.data().asReadOnly(), Dtype.F32);
        refused(kernels, "output: the segment is read-only", k -> k.convert(ten, constant, 10));
        Operand heap = new Operand(MemorySegment.ofArray(new float[10]), Dtype.F32);
        refused(kernels, "not in native memory", k -> k.convert(heap, ten, 10));
        refused(kernels, "output: the segment is shorter", k -> k.weightedSum(sum, tile, nine));
        refused(kernels, "model: the segment is shorter", k -> k.weightedSum(sum, longer, operand(arena, 11)));
        refused(kernels, "differ in their number", k -> k.deltaMerge(two, tile, ten));
        refused(kernels, "base: the segment is shorter", k -> k.deltaSums(List.of(Mask.NONE), longer, eight));
        refused(kernels, "sums: the segment is shorter", k -> k.deltaSums(List.of(Mask.NONE), tile, eight));
        refused(kernels, "multiple of the chunk", k -> k.gram(odd, eight));
        Tile many = new Tile(0, 10, Optional.empty(), Collections.nCopies(65, ten));
        refused(kernels, "number of models", k -> k.gram(many, arena.allocate(65 * 33 * 8)));
        refused(kernels, "one candidate buffer", k -> k.selectScan(List.of(Bracket.ALL), tile, List.of()));
        MemorySegment position = arena.allocate(8);
        position.set(Blocks.LONG, 0, 10);
        refused(kernels, "outside the operands", k -> k.selectSample(ten, ten, position, eight));
        refused(kernels, "bins: the segment is shorter", k -> k.selectHistogram(ten, ten, 10, -1, eight));
        refused(kernels, "prefix is outside", k -> k.selectHistogram(ten, ten, 10, 65536, eight));
        refused(kernels, "from 1", k -> k.selectNthEqual(ten, ten, 10, 1, 0));
        refused(kernels, "rank is outside", k -> k.kthLargest(eight, 2, 3));
        refused(kernels, "keys: the segment is shorter", k -> k.countEqual(eight, 3, 0));
    }

    private static void refused(Kernels kernels, String message, Consumer<Kernels> call) {
        assertThatThrownBy(() -> call.accept(kernels))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    private static Operand operand(Arena arena, int count) {
        return new Operand(arena.allocate(4L * count), Dtype.F32);
    }
}

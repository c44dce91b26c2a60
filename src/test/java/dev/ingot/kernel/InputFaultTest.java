// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ingot.checkpoint.Dtype;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A file that becomes shorter under its mapping ends in an exception, and the lane goes on working. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "a mapped file cannot be truncated there")
class InputFaultTest {
    private static final int COUNT = 200_000;

    @TempDir
    private Path folder;

    /** Twice: each backend's handler for such faults must leave the others' in place. */
    @TestFactory
    Stream<DynamicTest> truncatedMappingsAreReported() {
        return Stream.concat(TestBackends.all(this::truncate), TestBackends.all(this::truncate));
    }

    private void truncate(Backend backend) {
        for (Dtype dtype : ElementwiseCases.DTYPES) {
            try (Arena arena = Arena.ofConfined();
                    Kernels kernels = backend.open()) {
                Operand model = mapped(arena, dtype);
                Operand base = new Operand(arena.allocate((long) COUNT * dtype.bytes()), dtype);
                Tile tile = new Tile(0, COUNT, Optional.of(base), List.of(model));
                Operand output = new Operand(arena.allocate(4L * COUNT), Dtype.F32);
                MemorySegment scratch = arena.allocate(8L * 65536);
                assertFault(kernels, k -> k.weightedSum(new WeightedSum(List.of(1f)), tile, output));
                assertFault(kernels, k -> k.deltaMerge(merge(), tile, output));
                assertFault(kernels, k -> k.convert(model, output, COUNT));
                assertFault(kernels, k -> k.convert(model, new Operand(scratchFor(arena, model), dtype), COUNT));
                assertFault(kernels, k -> k.deltaSums(List.of(Mask.NONE), tile, scratch));
                assertFault(kernels, k -> k.gram(tile, scratch));
                assertFault(kernels, k -> k.selectScan(List.of(Bracket.ALL), tile, List.of(scratch)));
                assertFault(kernels, k -> k.selectHistogram(base, model, COUNT, -1, scratch));
                assertFault(kernels, k -> k.selectNthEqual(base, model, COUNT, 1, 1));
                MemorySegment last = arena.allocate(Long.BYTES);
                last.set(Blocks.LONG, 0, COUNT - 1);
                assertFault(kernels, k -> k.selectSample(base, model, last, scratch));

                kernels.weightedSum(new WeightedSum(List.of(1f)), new Tile(0, COUNT, Optional.empty(), List.of(base)),
                        output);
                assertThat(Tensors.value(output, COUNT - 1)).isZero();
            }
        }
    }

    private static DeltaMerge merge() {
        return new DeltaMerge(List.of(new DeltaMerge.Term(1, 1, Mask.NONE)), false, false, 1, 1);
    }

    private static MemorySegment scratchFor(Arena arena, Operand operand) {
        return arena.allocate(operand.data().byteSize());
    }

    private static void assertFault(Kernels kernels, Consumer<Kernels> call) {
        assertThatThrownBy(() -> call.accept(kernels)).isInstanceOf(InputFaultException.class);
    }

    /** A tensor whose file has lost all but its first page. */
    private Operand mapped(Arena arena, Dtype dtype) {
        try {
            Path file = Files.createTempFile(folder, "weights", ".bin");
            Files.write(file, new byte[COUNT * dtype.bytes()]);
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                MemorySegment data = channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);
                channel.truncate(100);
                return new Operand(data, dtype);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

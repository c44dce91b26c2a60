// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import dev.ingot.checkpoint.Dtype;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Makes the inputs and outputs of one kernel call from a seed: the same ones for every backend. Data starts at any address.
 * Outputs lie between guards, which are part of the result: so a write out of bounds is a difference.
 */
final class Workbench implements AutoCloseable {
    private static final int GUARD = 64;
    private static final byte UNTOUCHED = (byte) 0xA5;
    private static final int[] OFFSETS = {0, 1, 2, 3, 4, 7, 8, 13, 31, 62};
    private static final int[] THRESHOLDS = {Integer.MIN_VALUE, -1, 0, 1, 0x7f800000, 0x7fc00000, Integer.MAX_VALUE};
    private static final int[] LIMITS = {0, 1, Integer.MIN_VALUE, Integer.MAX_VALUE, -1};

    private final Arena arena = Arena.ofConfined();
    private final List<MemorySegment> outputs = new ArrayList<>();
    private final SplittableRandom random;

    Workbench(long seed) {
        random = new SplittableRandom(seed);
    }

    SplittableRandom random() {
        return random;
    }

    /** Memory of exactly that many bytes at some offset from an aligned address. */
    MemorySegment memory(long bytes) {
        int offset = OFFSETS[random.nextInt(OFFSETS.length)];
        return arena.allocate(bytes + offset, 64).asSlice(offset);
    }

    Operand input(Dtype dtype, int count, Values values) {
        Operand operand = new Operand(memory((long) count * dtype.bytes()), dtype);
        for (int i = 0; i < count; i++) {
            values.put(operand, i, random);
        }
        return operand;
    }

    /** A tile at {@code start} with a base where wanted; every operand has the next of the given types. */
    Tile tile(long start, int count, boolean base, int models, List<Dtype> dtypes, Values values) {
        Optional<Operand> baseOperand = base
                ? Optional.of(input(dtypes.getFirst(), count, values))
                : Optional.empty();
        List<Operand> operands = IntStream.range(0, models)
                .mapToObj(model -> input(dtypes.get((model + 1) % dtypes.size()), count, values))
                .toList();
        return new Tile(start, count, baseOperand, operands);
    }

    /** Memory for results, filled with a pattern. */
    MemorySegment output(long bytes) {
        MemorySegment guarded = memory(bytes + 2 * GUARD).fill(UNTOUCHED);
        outputs.add(guarded);
        return guarded.asSlice(GUARD, bytes);
    }

    Operand output(Dtype dtype, int count) {
        return new Operand(output((long) count * dtype.bytes()), dtype);
    }

    /** The key of some delta of the tile's model, so that there is at least one element that equals it. */
    int someKey(Tile tile, int model) {
        if (tile.count() == 0) {
            return 0x3f800000;
        }
        MemorySegment position = memory(Long.BYTES);
        MemorySegment key = memory(Integer.BYTES);
        position.set(Blocks.LONG, 0, random.nextLong(tile.count()));
        try (Kernels kernels = new ReferenceBackend().open()) {
            kernels.selectSample(tile.requireBase(), tile.models().get(model), position, key);
        }
        return key.get(Blocks.INT, 0);
    }

    /** A mask of the given kind: 0 none, 1 by magnitude with ties cut somewhere in the tile, 2 random; now and then extreme; 3 bits. */
    Mask mask(int kind, Tile tile, int model) {
        boolean extreme = random.nextInt(6) == 0;
        return switch (kind) {
            case 0 -> Mask.NONE;
            case 1 -> new Mask.Magnitude(
                    extreme ? pick(THRESHOLDS) : someKey(tile, model),
                    random.nextInt(6) == 0 ? Long.MAX_VALUE : tile.start() + random.nextLong(tile.count() + 1));
            // No memory holds the bits of tiles that start far out.
            case 3 -> tile.start() > 1 << 30 ? Mask.NONE : new Mask.Bits(bits(tile.start() + tile.count()));
            default -> extreme
                    ? new Mask.Random(random.nextLong(), pick(LIMITS))
                    : Mask.Random.ofProbability(random.nextLong(), random.nextDouble());
        };
    }

    private Table bits(long elements) {
        MemorySegment data = memory(Table.bitBytes(elements));
        for (long i = 0; i < data.byteSize(); i++) {
            data.set(Blocks.BYTE, i, (byte) random.nextInt());
        }
        return new Table(data);
    }

    private int pick(int[] values) {
        return values[random.nextInt(values.length)];
    }

    /** All outputs with their guards, then these numbers. */
    byte[] result(long... numbers) {
        long bytes = outputs.stream().mapToLong(MemorySegment::byteSize).sum() + (long) numbers.length * Long.BYTES;
        ByteBuffer result = ByteBuffer.allocate(Math.toIntExact(bytes));
        outputs.forEach(output -> result.put(output.asByteBuffer()));
        for (long number : numbers) {
            result.putLong(number);
        }
        return result.array();
    }

    @Override
    public void close() {
        arena.close();
    }
}

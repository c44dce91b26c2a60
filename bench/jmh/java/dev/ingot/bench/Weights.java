// SPDX-License-Identifier: Apache-2.0
package dev.ingot.bench;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.kernel.Backends;
import dev.ingot.kernel.Kernels;
import dev.ingot.kernel.Operand;
import dev.ingot.kernel.Tile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * A base, models that differ from it as fine-tuned ones do, and an output, cut into tiles. All operands together are
 * larger than a last-level cache, so that tiles come from memory as they do in a merge. Read-only but for the output,
 * whose tiles different threads write.
 */
final class Weights implements AutoCloseable {
    /** Elements of a tile. */
    static final int TILE = 1 << 20;

    /** Tiles of an operand. */
    static final int TILES = 16;

    /** Standard deviation of the deltas; half of them are larger in magnitude than {@link #MEDIAN}. */
    static final float SIGMA = 5e-4f;

    /** Median magnitude of the deltas: 0.6745 standard deviations. */
    static final float MEDIAN = 0.6745f * SIGMA;

    private final Arena arena = Arena.ofShared();
    private final List<Tile> tiles;
    private final List<Operand> outputs;

    /**
     * @param k    number of models
     * @param base whether the tiles have a base
     * @param in   type of the inputs
     * @param out  type of the output
     */
    Weights(int k, boolean base, Dtype in, Dtype out) {
        var random = new SplittableRandom(1);
        float[] origin = new float[TILE];
        for (int i = 0; i < TILE; i++) {
            origin[i] = 0.02f * (float) random.nextGaussian();
        }
        Operand first = operand(origin, in);
        List<Operand> models = IntStream.range(0, k).mapToObj(model -> {
            float[] moved = new float[TILE];
            for (int i = 0; i < TILE; i++) {
                moved[i] = origin[i] + SIGMA * (float) random.nextGaussian();
            }
            return operand(moved, in);
        }).toList();
        Operand output = new Operand(arena.allocate((long) TILES * TILE * out.bytes(), 64).fill((byte) 0), out);
        tiles = IntStream.range(0, TILES).mapToObj(i -> new Tile((long) i * TILE, TILE,
                base ? Optional.of(part(first, i)) : Optional.empty(),
                models.stream().map(model -> part(model, i)).toList())).toList();
        outputs = IntStream.range(0, TILES).mapToObj(i -> part(output, i)).toList();
    }

    /** The inputs of a tile. */
    Tile tile(int index) {
        return tiles.get(index);
    }

    /** The output of a tile. */
    Operand output(int index) {
        return outputs.get(index);
    }

    /** Input bytes of one tile. */
    long bytesIn() {
        var operands = new ArrayList<>(tiles.getFirst().models());
        tiles.getFirst().base().ifPresent(operands::add);
        return operands.stream().mapToLong(operand -> operand.data().byteSize()).sum();
    }

    /** Output bytes of one tile. */
    long bytesOut() {
        return outputs.getFirst().data().byteSize();
    }

    @Override
    public void close() {
        arena.close();
    }

    /** The values in storage form, again and again until the operand is full. */
    private Operand operand(float[] values, Dtype dtype) {
        MemorySegment data = arena.allocate((long) TILES * TILE * dtype.bytes(), 64);
        long tileBytes = (long) TILE * dtype.bytes();
        try (Arena scratch = Arena.ofConfined();
                Kernels kernels = Backends.detect(System.getenv()).choose("reference").backend().open()) {
            MemorySegment plain = scratch.allocateFrom(ValueLayout.JAVA_FLOAT, values);
            kernels.convert(new Operand(plain, Dtype.F32), new Operand(data.asSlice(0, tileBytes), dtype), TILE);
        }
        for (int i = 1; i < TILES; i++) {
            MemorySegment.copy(data, 0, data, i * tileBytes, tileBytes);
        }
        return new Operand(data, dtype);
    }

    private static Operand part(Operand whole, int index) {
        long bytes = (long) TILE * whole.dtype().bytes();
        return new Operand(whole.data().asSlice(index * bytes, bytes), whole.dtype());
    }
}

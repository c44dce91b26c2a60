// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import dev.ingot.checkpoint.Dtype;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/** Small operands with given values. */
final class Tensors {
    private Tensors() {}

    static Operand f32(Arena arena, float... values) {
        Operand operand = new Operand(arena.allocate(4L * values.length), Dtype.F32);
        for (int i = 0; i < values.length; i++) {
            operand.data().set(Blocks.INT, i * 4L, Float.floatToRawIntBits(values[i]));
        }
        return operand;
    }

    static float[] values(Operand operand) {
        int count = (int) (operand.data().byteSize() / operand.dtype().bytes());
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = value(operand, i);
        }
        return values;
    }

    static float value(Operand operand, long index) {
        float[] value = new float[1];
        Blocks.load(operand, index, 1, value);
        return value[0];
    }

    /** The tile's elements from first on, as a tile of their own. */
    static Tile part(Tile tile, long first, long count) {
        Optional<Operand> base = tile.base().map(operand -> part(operand, first, count));
        List<Operand> models =
                tile.models().stream().map(operand -> part(operand, first, count)).toList();
        return new Tile(tile.start() + first, count, base, models);
    }

    static Operand part(Operand operand, long first, long count) {
        int bytes = operand.dtype().bytes();
        return new Operand(operand.data().asSlice(first * bytes, count * bytes), operand.dtype());
    }

    static double[] doubles(MemorySegment segment) {
        double[] values = new double[(int) (segment.byteSize() / Double.BYTES)];
        for (int i = 0; i < values.length; i++) {
            values[i] = segment.get(Blocks.DOUBLE, (long) i * Double.BYTES);
        }
        return values;
    }
}

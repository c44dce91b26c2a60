// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

import dev.ingot.checkpoint.Checkpoint;
import dev.ingot.checkpoint.Dtype;
import dev.ingot.checkpoint.Printable;
import dev.ingot.checkpoint.SafetensorsHeader;
import dev.ingot.checkpoint.Shape;
import dev.ingot.checkpoint.TensorRef;
import dev.ingot.checkpoint.WeightFile;
import dev.ingot.error.CheckpointException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Reads whole tensors of a checkpoint into Java arrays, row-major. For small models; for use by one thread. */
final class TensorSource implements AutoCloseable {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final String HINT =
            "Models and data that can be evaluated are described in docs/quality.md.";

    private final Checkpoint checkpoint;
    private final Map<Path, WeightFile> files = new HashMap<>();

    private TensorSource(Checkpoint checkpoint) {
        this.checkpoint = checkpoint;
    }

    /**
     * Opens a model folder or a safetensors file.
     *
     * @throws CheckpointException if it cannot be read
     */
    static TensorSource open(Path location) {
        TensorSource source = new TensorSource(Checkpoint.open(location));
        try {
            for (SafetensorsHeader header : source.checkpoint.files()) {
                source.files.put(header.file(), WeightFile.open(header));
            }
            return source;
        } catch (RuntimeException e) {
            source.close();
            throw e;
        }
    }

    boolean contains(String name) {
        return checkpoint.find(name).isPresent();
    }

    /**
     * The two dimensions of a matrix, checked to fit Java arrays.
     *
     * @throws CheckpointException if there is no such tensor or it has another rank
     */
    int[] matrixShape(String name) {
        Shape shape = find(name).shape();
        if (shape.rank() != 2 || shape.dim(0) > Integer.MAX_VALUE || shape.dim(1) > Integer.MAX_VALUE) {
            throw unfit(find(name), "a matrix");
        }
        return new int[] {(int) shape.dim(0), (int) shape.dim(1)};
    }

    /**
     * A tensor of type F32, F16 or BF16.
     *
     * @throws CheckpointException if it is missing or has another type or shape
     */
    float[] floats(String name, long... shape) {
        TensorRef tensor = find(name, shape);
        float[] values = new float[(int) tensor.elements()];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = read(tensor, arena);
            switch (tensor.dtype()) {
                case F32 -> MemorySegment.copy(data, FLOAT, 0, values, 0, values.length);
                case F16 -> {
                    for (int i = 0; i < values.length; i++) {
                        values[i] = Float.float16ToFloat(data.get(SHORT, 2L * i));
                    }
                }
                case BF16 -> {
                    for (int i = 0; i < values.length; i++) {
                        values[i] = Float.intBitsToFloat(data.get(SHORT, 2L * i) << 16);
                    }
                }
                default -> throw unfit(tensor, "F32, F16 or BF16");
            }
        }
        return values;
    }

    /**
     * A tensor of type U8; the bytes are to be read as unsigned.
     *
     * @throws CheckpointException if it is missing or has another type or shape
     */
    byte[] bytes(String name, long... shape) {
        TensorRef tensor = find(name, shape);
        require(tensor, Dtype.U8);
        try (Arena arena = Arena.ofConfined()) {
            return read(tensor, arena).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /**
     * A tensor of type I64.
     *
     * @throws CheckpointException if it is missing or has another type or shape
     */
    long[] longs(String name, long... shape) {
        TensorRef tensor = find(name, shape);
        require(tensor, Dtype.I64);
        long[] values = new long[(int) tensor.elements()];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment.copy(read(tensor, arena), LONG, 0, values, 0, values.length);
        }
        return values;
    }

    private MemorySegment read(TensorRef tensor, Arena arena) {
        MemorySegment data = arena.allocate(Math.max(tensor.bytes(), 1)).asSlice(0, tensor.bytes());
        files.get(tensor.file()).read(tensor.offset(), data);
        return data;
    }

    private TensorRef find(String name) {
        return checkpoint.find(name).orElseThrow(() -> new CheckpointException(
                Printable.path(checkpoint.location()) + ": no tensor " + Printable.quote(name), HINT));
    }

    private TensorRef find(String name, long... shape) {
        TensorRef tensor = find(name);
        Shape expected = Shape.of(shape);
        if (!tensor.shape().equals(expected) || tensor.elements() > Integer.MAX_VALUE) {
            throw unfit(tensor, "shape " + expected);
        }
        return tensor;
    }

    private static void require(TensorRef tensor, Dtype dtype) {
        if (tensor.dtype() != dtype) {
            throw unfit(tensor, dtype.toString());
        }
    }

    private static CheckpointException unfit(TensorRef tensor, String expected) {
        return new CheckpointException(
                Printable.path(tensor.file()) + ": tensor " + Printable.quote(tensor.name()) + " is " + tensor.dtype()
                        + " " + tensor.shape() + ", expected " + expected,
                HINT);
    }

    @Override
    public void close() {
        files.values().forEach(WeightFile::close);
    }
}

// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Writes checkpoints that hold a few matrices of one shape: a base and experts whose deltas have the spectrum of
 * fine-tuned weights, some strong directions (a quarter of them common to all experts) above a floor of noise that
 * makes them full rank. Base and noise are those of the synthetic families of {@code bench/e2e}.
 *
 * <p>Every value is a function of (seed, model, tensor name, position), so the bytes depend on neither the number of
 * threads nor the Java.
 */
final class Generate {

    /** How many strong directions a delta has, no more than a quarter of its order. */
    private static final int RANK = 64;
    /** Root mean square of an entry of the strong directions together; the noise's is 1e-4 to 1e-3. */
    private static final double SIGNAL = 5e-4;
    /** Standard deviation of the values that {@link Values} gives for a base. */
    private static final double SIGMA = 0.02;

    private final int rows;
    private final int cols;
    private final int matrices;
    private final Type type;
    private final long seed;

    /** Models of {@code matrices} matrices of that shape; the number of columns must be a multiple of four. */
    Generate(int rows, int cols, int matrices, Type type, long seed) {
        if (rows < 4 || cols < 4 || cols % 4 != 0 || (long) rows * cols * type.bytes > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("no shape for this benchmark: " + rows + "x" + cols);
        }
        this.rows = rows;
        this.cols = cols;
        this.matrices = matrices;
        this.type = type;
        this.seed = seed;
    }

    /** Writes a model, base or expert, to a folder; keeps the weights there if they are already these. */
    void model(Path folder, String model) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("config.json"), "{\"architectures\": [\"SyntheticMatrices\"], "
                + "\"model_type\": \"synthetic_matrices\", \"torch_dtype\": \"" + type.torch + "\"}\n");
        Path file = folder.resolve("model.safetensors");
        byte[] header = header(model);
        if (isThere(file, header, header.length + (long) matrices * rows * cols * type.bytes)) {
            return;
        }
        Path temporary = folder.resolve("model.safetensors.tmp");
        try (var channel = FileChannel.open(temporary, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING)) {
            channel.write(ByteBuffer.wrap(header));
            for (int i = 0; i < matrices; i++) {
                ByteBuffer matrix = matrix(model, name(i));
                while (matrix.hasRemaining()) {
                    channel.write(matrix);
                }
            }
            channel.force(true);
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private static String name(int i) {
        return String.format("model.layers.%02d.mlp.weight", i);
    }

    private ByteBuffer matrix(String model, String name) {
        var tensor = new Shape.Tensor(name, rows, cols);
        var noisy = new Values(seed, model, tensor, Type.F32);
        var bytes = ByteBuffer.allocateDirect(rows * cols * type.bytes).order(ByteOrder.LITTLE_ENDIAN);
        int rank = model.equals("base") ? 0 : Math.min(RANK, Math.min(rows, cols) / 4);
        float[][] left = directions(model, name + ".left", rank, rows);
        float[][] right = directions(model, name + ".right", rank, cols);
        double[] strength = strength(rank);
        IntStream.range(0, rows).parallel().forEach(row -> {
            var buffer = ByteBuffer.allocate(4 * cols).order(ByteOrder.LITTLE_ENDIAN);
            var values = new float[cols];
            noisy.fill(buffer, (long) row * cols, cols).flip().asFloatBuffer().get(values);
            for (int k = 0; k < rank; k++) {
                float factor = (float) (strength[k] * left[k][row]);
                float[] direction = right[k];
                for (int i = 0; i < cols; i++) {
                    values[i] += factor * direction[i];
                }
            }
            type.round(values, cols);
            type.put(values, new short[cols], cols,
                    bytes.slice(row * cols * type.bytes, cols * type.bytes).order(ByteOrder.LITTLE_ENDIAN));
        });
        return bytes;
    }

    /** Vectors of normal values, deviation 1: nearly orthogonal. Every fourth is that of all experts. */
    private float[][] directions(String model, String name, int count, int length) {
        int padded = (length + 3) / 4 * 4;
        var all = new float[count][padded];
        for (int k = 0; k < count; k++) {
            var tensor = new Shape.Tensor(name + "." + k + (k % 4 == 0 ? "" : "." + model), 1, padded);
            var buffer = ByteBuffer.allocate(4 * padded).order(ByteOrder.LITTLE_ENDIAN);
            new Values(seed, "base", tensor, Type.F32).fill(buffer, 0, padded).flip().asFloatBuffer().get(all[k]);
            for (int i = 0; i < padded; i++) {
                all[k][i] /= (float) SIGMA;
            }
        }
        return all;
    }

    /** Strengths that fall like 1/sqrt(k), together of the signal's size. */
    private static double[] strength(int count) {
        double squares = IntStream.rangeClosed(1, count).mapToDouble(k -> 1.0 / k).sum();
        return IntStream.rangeClosed(1, count).mapToDouble(k -> SIGNAL / Math.sqrt(k * squares)).toArray();
    }

    /** Metadata names what was generated, so that other data is not taken for this. */
    private byte[] header(String model) {
        var json = new StringBuilder("{\"__metadata__\":{\"format\":\"pt\",\"synthetic\":\"matrices 1 " + model
                + " seed " + seed + "\"}");
        long length = (long) rows * cols * type.bytes;
        for (int i = 0; i < matrices; i++) {
            json.append(",\"" + name(i) + "\":{\"dtype\":\"" + type.name() + "\",\"shape\":[" + rows + "," + cols
                    + "],\"data_offsets\":[" + i * length + "," + (i + 1) * length + "]}");
        }
        json.append('}').repeat(' ', (8 - json.length() % 8) % 8);
        return ByteBuffer.allocate(8 + json.length()).order(ByteOrder.LITTLE_ENDIAN).putLong(json.length())
                .put(json.toString().getBytes(StandardCharsets.US_ASCII)).array();
    }

    private static boolean isThere(Path file, byte[] header, long size) throws IOException {
        if (!Files.exists(file) || Files.size(file) != size) {
            return false;
        }
        try (var in = Files.newInputStream(file)) {
            return Arrays.equals(in.readNBytes(header.length), header);
        }
    }

    /** The names of the models of one family. */
    static List<String> models(int experts) {
        var names = new ArrayList<>(List.of("base"));
        IntStream.range(0, experts).forEach(i -> names.add("expert" + i));
        return names;
    }
}

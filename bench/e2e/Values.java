// SPDX-License-Identifier: Apache-2.0

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The values of one tensor of one model, each a pure function of (seed, model, tensor name, element index). Safe for
 * use by many threads.
 *
 * <p>The base is N(0, 0.02), norms N(1, 0.02). An expert is the rounded base plus a delta, rounded again, as
 * fine-tuning leaves it: the deviation of the delta differs from tensor to tensor, some entries are not moved at all,
 * a few are moved far.
 */
final class Values {

    private static final int BLOCK = 8192;
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;
    private static final float SIGMA = 0.02f;
    /** Two in 65536 entries are outliers, twelve times as far from the base as their neighbours. */
    private static final int OUTLIER_FROM = 65534;
    private static final float OUTLIER_SCALE = 12f;
    private static final float[] NORMAL = normalTable();

    private final Type type;
    private final long baseKey;
    private final long deltaKey;
    private final boolean expert;
    private final float mean;
    private final float scale;
    private final int unchanged;

    /** A model named {@code base} is the base; every other name is an expert with deltas of its own. */
    Values(long seed, String model, Shape.Tensor tensor, Type type) {
        this.type = type;
        baseKey = key(seed + "/" + tensor.name());
        deltaKey = key(seed + "/" + model + "/" + tensor.name());
        expert = !model.equals("base");
        boolean norm = tensor.shape().length == 1;
        mean = norm ? 1f : 0f;
        // Evenly on a log scale from 1e-4 to 1e-3. Norms are fifty times as large as weights, so bf16 would round
        // every such delta away; trained norms do move, hence five times as far.
        scale = (float) (1e-4 * StrictMath.pow(10, unit(mix(deltaKey ^ 1)))) * (norm ? 5 : 1);
        // 1 % to 10 %; rounding to the element type leaves more entries where they were.
        unchanged = (int) (65536 * (0.01 + 0.09 * unit(mix(deltaKey ^ 2))));
    }

    /** Appends {@code count} elements from element {@code from}, a multiple of four, to the buffer. */
    ByteBuffer fill(ByteBuffer buffer, long from, int count) {
        var values = new float[BLOCK];
        var halves = new short[BLOCK];
        for (int done = 0; done < count; done += BLOCK) {
            int n = Math.min(BLOCK, count - done);
            base(values, n, from + done);
            type.round(values, n);
            if (expert) {
                move(values, n, from + done);
                type.round(values, n);
            }
            type.put(values, halves, n, buffer);
        }
        return buffer;
    }

    /** One 64-bit draw gives four values, of which the last group of a tensor may need fewer. */
    private void base(float[] values, int n, long from) {
        for (int i = 0; i < n; i += 4) {
            long bits = mix(baseKey + (from + i >> 2) * GOLDEN);
            values[i] = mean + SIGMA * NORMAL[(int) bits & 0xFFFF];
            values[i + 1] = mean + SIGMA * NORMAL[(int) (bits >>> 16) & 0xFFFF];
            values[i + 2] = mean + SIGMA * NORMAL[(int) (bits >>> 32) & 0xFFFF];
            values[i + 3] = mean + SIGMA * NORMAL[(int) (bits >>> 48)];
        }
    }

    /** One 64-bit draw moves two values: for each 16 bits for how far, 16 for whether at all or as an outlier. */
    private void move(float[] values, int n, long from) {
        for (int i = 0; i < n; i += 2) {
            long bits = mix(deltaKey + (from + i >> 1) * GOLDEN);
            values[i] += delta((int) bits);
            values[i + 1] += delta((int) (bits >>> 32));
        }
    }

    private float delta(int bits) {
        int fate = bits >>> 16;
        float factor = fate < unchanged ? 0f : fate >= OUTLIER_FROM ? OUTLIER_SCALE : 1f;
        return factor * scale * NORMAL[bits & 0xFFFF];
    }

    /** The finaliser of SplitMix64 (Steele, Lea, Flood 2014): a bijection that turns a counter into random bits. */
    private static long mix(long z) {
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }

    private static long key(String text) {
        long key = 0;
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            key = mix(key + b + GOLDEN);
        }
        return key;
    }

    private static double unit(long bits) {
        return (bits >>> 11) * 0x1p-53;
    }

    /** The standard normal quantiles at (i + 0.5) / 65536, by integrating the density. */
    private static float[] normalTable() {
        var table = new float[65536];
        double step = 1e-4;
        double below = 0;
        int i = 0;
        for (double x = -6; i < table.length; x += step) {
            double slice = step * StrictMath.exp(-0.5 * (x + step / 2) * (x + step / 2)) / StrictMath.sqrt(2 * Math.PI);
            while (i < table.length && below + slice >= (i + 0.5) / 65536) {
                table[i] = (float) (x + step * ((i + 0.5) / 65536 - below) / slice);
                i++;
            }
            below += slice;
        }
        return table;
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.measure;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.kernel.Backends;
import dev.ingot.kernel.Kernels;
import dev.ingot.kernel.Operand;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * What operands are made of: a base of N(0, 0.02), and deltas of N(0, 5e-4) that are added to it, as fine-tuned models have.
 * Random, as rates depend on values: zeros are merged faster than weights. Base and deltas repeat with different periods, so
 * that their sums, and with them the keys of selection, do not.
 */
final class Weights implements AutoCloseable {
    /** Elements of the base's pattern. */
    static final int PATTERN = 1 << 18;

    private static final float SIGMA = 5e-4f;

    /** Median magnitude of a delta, before rounding: 0.6745 standard deviations. */
    static final float MEDIAN = 0.6745f * SIGMA;

    /** Deltas are read from multiples of it, which suits the alignment of every stand. */
    private static final int STEP = 128;

    private final Dtype dtype;
    private final Arena arena = Arena.ofShared();

    Weights(Dtype dtype) {
        this.dtype = dtype;
    }

    /** The base's pattern. */
    MemorySegment base() {
        return random(0, 0.02f, PATTERN, PATTERN);
    }

    /** The deltas of a model, from 1; a window of {@link #PATTERN} elements from any {@link #window} on. */
    MemorySegment deltas(int model) {
        int period = period(model);
        return random(model, SIGMA, period, period + PATTERN);
    }

    /** Where the deltas of a model's elements from a multiple of {@link #PATTERN} on begin. */
    static int window(int model, long first) {
        return (int) (first % period(model));
    }

    private static int period(int model) {
        return PATTERN - STEP * (2 * model + 1);
    }

    private MemorySegment random(int seed, float sigma, int period, int count) {
        float[] values = new float[count];
        var random = new SplittableRandom(seed);
        for (int i = 0; i < count; i++) {
            values[i] = i < period ? sigma * (float) random.nextGaussian() : values[i - period];
        }
        MemorySegment pattern = arena.allocate((long) count * dtype.bytes(), Long.BYTES);
        try (Arena scratch = Arena.ofConfined();
                Kernels kernels = Backends.detect(Map.of()).choose("reference").backend().open()) {
            MemorySegment plain = scratch.allocateFrom(ValueLayout.JAVA_FLOAT, values);
            kernels.convert(new Operand(plain, Dtype.F32), new Operand(pattern, dtype), count);
        }
        return pattern;
    }

    @Override
    public void close() {
        arena.close();
    }
}

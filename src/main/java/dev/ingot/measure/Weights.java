// SPDX-License-Identifier: Apache-2.0
package dev.ingot.measure;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.kernel.Backends;
import dev.ingot.kernel.Kernels;
import dev.ingot.kernel.Operand;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Values such as fine-tuned models have: a base of N(0, 0.02) and models that differ from it by N(0, 5e-4). Random, as rates
 * depend on values: zeros are merged faster than weights.
 */
final class Weights {
    /** Elements of a pattern; longer operands repeat it. */
    static final int PATTERN = 1 << 20;

    private static final float SIGMA = 5e-4f;

    /** Median magnitude of a delta, before rounding: 0.6745 standard deviations. */
    static final float MEDIAN = 0.6745f * SIGMA;

    private Weights() {}

    /**
     * The pattern of an operand.
     *
     * @param operand 0 for the base, otherwise the number of a model
     */
    static MemorySegment pattern(int operand, Dtype dtype, Arena arena) {
        float[] values = new float[PATTERN];
        var base = new SplittableRandom(1);
        var delta = new SplittableRandom(operand + 1L);
        for (int i = 0; i < PATTERN; i++) {
            values[i] = 0.02f * (float) base.nextGaussian();
            if (operand > 0) {
                values[i] += SIGMA * (float) delta.nextGaussian();
            }
        }
        MemorySegment pattern = arena.allocate((long) PATTERN * dtype.bytes(), Long.BYTES);
        try (Arena scratch = Arena.ofConfined();
                Kernels kernels = Backends.detect(Optional.empty()).choose("reference").backend().open()) {
            MemorySegment plain = scratch.allocateFrom(ValueLayout.JAVA_FLOAT, values);
            kernels.convert(new Operand(plain, Dtype.F32), new Operand(pattern, dtype), PATTERN);
        }
        return pattern;
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.kernel.Bracket;
import dev.ingot.kernel.Kernels;
import dev.ingot.kernel.MagnitudeSampling;
import dev.ingot.kernel.Operand;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Guesses, from a stratified sample of a delta, between which magnitudes the k-th largest lies. The guess decides only how
 * much work the exact search has, never its result.
 */
public final class MagnitudeSample {
    private MagnitudeSample() {}

    /**
     * A bracket of the keep-th largest |model - base|.
     *
     * @param base  all elements of the base
     * @param model all elements of the model
     */
    public static Bracket bracket(Operand base, Operand model, long elements, long keep, Kernels kernels) {
        if (elements <= MagnitudeSampling.SMALL) {
            return Bracket.ALL;
        }
        int sample = MagnitudeSampling.size(elements);
        double share = (double) keep / elements;
        long rank = Math.round(share * sample);
        long margin = MagnitudeSampling.margin(sample, share);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment positions = arena.allocate(ValueLayout.JAVA_LONG, sample);
            for (int i = 0; i < sample; i++) {
                positions.setAtIndex(ValueLayout.JAVA_LONG, i, position(i, sample, elements));
            }
            MemorySegment keys = arena.allocate(ValueLayout.JAVA_INT, sample);
            kernels.selectSample(base, model, positions, keys);
            int high = rank - margin < 1 ? Integer.MAX_VALUE : key(kernels, keys, sample, rank - margin);
            int low = rank + margin > sample ? -1 : key(kernels, keys, sample, rank + margin);
            return new Bracket(low, high);
        }
    }

    private static int key(Kernels kernels, MemorySegment keys, int sample, long rank) {
        return kernels.kthLargest(keys, sample, rank).key();
    }

    /** One place in each of {@code sample} strata of equal size, scattered by a multiplicative hash. */
    public static long position(int stratum, int sample, long elements) {
        long width = elements / sample;
        long scatter = (stratum * 0x9E3779B97F4A7C15L) >>> 33;
        return width * stratum + scatter % width;
    }
}

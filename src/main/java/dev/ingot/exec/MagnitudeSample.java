// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.kernel.Bracket;
import dev.ingot.kernel.Formula;
import dev.ingot.kernel.MagnitudeSampling;
import dev.ingot.kernel.Operand;
import dev.ingot.method.Score;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * Guesses, from a stratified sample of a score, between which magnitudes the k-th largest lies. The guess decides only how
 * much work the exact search has, never its result.
 *
 * @param elements of the tensor
 */
record MagnitudeSample(TensorInputs inputs, long elements, Lane lane) {
    Bracket bracket(Score score, long keep) {
        if (elements <= MagnitudeSampling.SMALL) {
            return Bracket.ALL;
        }
        int sample = MagnitudeSampling.size(elements);
        double share = (double) keep / elements;
        long rank = Math.round(share * sample);
        long margin = MagnitudeSampling.margin(sample, share) * (score instanceof Score.Computed ? MagnitudeSampling.CLUSTERED : 1);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment keys = arena.allocate(ValueLayout.JAVA_INT, sample);
            MemorySegment positions = arena.allocate(ValueLayout.JAVA_LONG, sample);
            switch (score) {
                case Score.Delta(int model) -> sampleElements(model, positions, keys);
                case Score.Computed(Formula formula) -> sampleRuns(formula, positions, keys);
            }
            int high = rank - margin < 1 ? Integer.MAX_VALUE : key(keys, sample, rank - margin);
            int low = rank + margin > sample ? -1 : key(keys, sample, rank + margin);
            return new Bracket(low, high);
        }
    }

    private void sampleElements(int model, MemorySegment positions, MemorySegment keys) {
        int sample = (int) (keys.byteSize() / Integer.BYTES);
        for (int i = 0; i < sample; i++) {
            positions.setAtIndex(ValueLayout.JAVA_LONG, i, position(i, sample, elements));
        }
        if (inputs.isStored()) {
            lane.kernels().selectSample(inputs.whole(inputs.base()), inputs.whole(inputs.model(model)), positions, keys);
        } else {
            Operand base = inputs.elements(lane, 0, inputs.base(), positions);
            Operand values = inputs.elements(lane, 1, inputs.model(model), positions);
            for (int i = 0; i < sample; i++) {
                positions.setAtIndex(ValueLayout.JAVA_LONG, i, i);
            }
            lane.kernels().selectSample(base, values, positions, keys);
        }
    }

    private void sampleRuns(Formula formula, MemorySegment positions, MemorySegment keys) {
        int sample = (int) (keys.byteSize() / Integer.BYTES);
        long[] starts = new long[sample / MagnitudeSampling.RUN];
        for (int i = 0; i < starts.length; i++) {
            starts[i] = position(i, starts.length, elements - MagnitudeSampling.RUN);
        }
        List<Operand> values = Scores.sampled(inputs, formula, lane, starts, MagnitudeSampling.RUN);
        for (int i = 0; i < sample; i++) {
            positions.setAtIndex(ValueLayout.JAVA_LONG, i, i % ((long) starts.length * MagnitudeSampling.RUN));
        }
        lane.kernels().selectSample(values.getFirst(), values.getLast(), positions, keys);
    }

    private int key(MemorySegment keys, int sample, long rank) {
        return lane.kernels().kthLargest(keys, sample, rank).key();
    }

    /** One place in each of {@code sample} strata of equal size, scattered by a multiplicative hash. */
    private static long position(int stratum, int sample, long elements) {
        long width = elements / sample;
        long scatter = (stratum * 0x9E3779B97F4A7C15L) >>> 33;
        return width * stratum + scatter % width;
    }
}

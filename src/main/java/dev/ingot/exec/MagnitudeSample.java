// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.kernel.Bracket;
import dev.ingot.kernel.Formula;
import dev.ingot.kernel.Kernels;
import dev.ingot.kernel.MagnitudeSampling;
import dev.ingot.kernel.Operand;
import dev.ingot.linalg.Matrix;
import dev.ingot.matrix.MatrixProgram;
import dev.ingot.method.Score;
import dev.ingot.method.Step;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * Guesses, from a stratified sample of a score, between which magnitudes the k-th largest lies. The guess decides only how
 * much work the exact search has, never its result.
 */
public final class MagnitudeSample {
    private final long elements;
    private final Kernels kernels;

    private MagnitudeSample(long elements, Kernels kernels) {
        this.elements = elements;
        this.kernels = kernels;
    }

    /** Reads the keys of a sample; positions are memory for as many numbers. */
    @FunctionalInterface
    private interface Reader {
        void read(MemorySegment positions, MemorySegment keys);
    }

    /**
     * A bracket of the keep-th largest |model - base|.
     *
     * @param base  all elements of the base
     * @param model all elements of the model
     */
    public static Bracket bracket(Operand base, Operand model, long elements, long keep, Kernels kernels) {
        MagnitudeSample sample = new MagnitudeSample(elements, kernels);
        return sample.bracket(new Step.Keep.Number(keep), 1, (positions, keys) ->
                sample.sampleElements(base, model, positions, keys));
    }

    /** A bracket of the smallest magnitude that is picked. */
    static Bracket bracket(ProgramRun run, Step.Pick pick, Lane lane) {
        Score score = pick.score();
        int widening = score instanceof Score.Computed ? MagnitudeSampling.CLUSTERED : 1;
        MagnitudeSample sample = new MagnitudeSample(run.tensor().elements(), lane.kernels());
        return sample.bracket(pick.keep(), widening, (positions, keys) ->
                sample.read(run, score, lane, positions, keys));
    }

    /**
     * Reads the keys of a sample of a tensor.
     *
     * @param keys memory for as many as are wanted; if the score is computed, of a tensor of more than
     *             {@link MagnitudeSampling#RUN} elements
     */
    static void read(ProgramRun run, Score score, Lane lane, MemorySegment keys) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment positions = arena.allocate(ValueLayout.JAVA_LONG, keys.byteSize() / Integer.BYTES);
            new MagnitudeSample(run.tensor().elements(), lane.kernels()).read(run, score, lane, positions, keys);
        }
    }

    private void read(ProgramRun run, Score score, Lane lane, MemorySegment positions, MemorySegment keys) {
        TensorInputs inputs = run.inputs();
        switch (score) {
            case Score.Delta(int model) when inputs.isStored() ->
                sampleElements(inputs.whole(inputs.base()), inputs.whole(inputs.model(model)), positions, keys);
            case Score.Delta(int model) -> sampleGathered(inputs, model, lane, positions, keys);
            case Score.Computed(Formula formula) -> sampleRuns(inputs, formula, lane, positions, keys);
            case Score.Product(MatrixProgram program, int number) ->
                sampleProduct(run.product(number), lane, positions, keys);
        }
    }

    /** @param widening factor on the margin */
    private Bracket bracket(Step.Keep keep, int widening, Reader reader) {
        if (elements <= MagnitudeSampling.SMALL) {
            return Bracket.ALL;
        }
        int sample = MagnitudeSampling.size(elements);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment keys = arena.allocate(ValueLayout.JAVA_INT, sample);
            reader.read(arena.allocate(ValueLayout.JAVA_LONG, sample), keys);
            double share = switch (keep) {
                case Step.Keep.Number(long number) -> (double) number / elements;
                case Step.Keep.ShareOfPositive(float part) -> part * (double) positive(keys, sample) / sample;
            };
            return bracket(keys, share, MagnitudeSampling.margin(sample, share) * widening, kernels);
        }
    }

    /**
     * The bracket around the key that has this share of the sample's keys above it.
     *
     * @param keys   the sample's keys
     * @param margin half width in ranks of the sample
     */
    static Bracket bracket(MemorySegment keys, double share, long margin, Kernels kernels) {
        long sample = keys.byteSize() / Integer.BYTES;
        long rank = Math.round(share * sample);
        int high = rank - margin < 1 ? Integer.MAX_VALUE : kernels.kthLargest(keys, sample, rank - margin).key();
        int low = rank + margin > sample ? -1 : kernels.kthLargest(keys, sample, rank + margin).key();
        return new Bracket(low, high);
    }

    private void sampleElements(Operand base, Operand model, MemorySegment positions, MemorySegment keys) {
        scatter(positions);
        kernels.selectSample(base, model, positions, keys);
    }

    /** The same where rows are put together: the elements are fetched first, so that they lie one after the other. */
    private void sampleGathered(
            TensorInputs inputs, int model, Lane lane, MemorySegment positions, MemorySegment keys) {
        scatter(positions);
        Operand base = inputs.elements(lane, 0, inputs.base(), positions);
        Operand values = inputs.elements(lane, 1, inputs.model(model), positions);
        inOrder(positions);
        kernels.selectSample(base, values, positions, keys);
    }

    private void sampleProduct(Matrix product, Lane lane, MemorySegment positions, MemorySegment keys) {
        scatter(positions);
        List<Operand> values = Scores.sampled(product, lane, positions);
        inOrder(positions);
        kernels.selectSample(values.getFirst(), values.getLast(), positions, keys);
    }

    private static void inOrder(MemorySegment positions) {
        for (long i = 0; i < positions.byteSize() / Long.BYTES; i++) {
            positions.setAtIndex(ValueLayout.JAVA_LONG, i, i);
        }
    }

    private void scatter(MemorySegment positions) {
        int sample = (int) (positions.byteSize() / Long.BYTES);
        for (int i = 0; i < sample; i++) {
            positions.setAtIndex(ValueLayout.JAVA_LONG, i, position(i, sample, elements));
        }
    }

    private void sampleRuns(
            TensorInputs inputs, Formula formula, Lane lane, MemorySegment positions, MemorySegment keys) {
        int sample = (int) (keys.byteSize() / Integer.BYTES);
        long[] starts = new long[sample / MagnitudeSampling.RUN];
        for (int i = 0; i < starts.length; i++) {
            starts[i] = position(i, starts.length, elements - MagnitudeSampling.RUN);
        }
        List<Operand> values = Scores.sampled(inputs, formula, lane, starts, MagnitudeSampling.RUN);
        for (int i = 0; i < sample; i++) {
            positions.setAtIndex(ValueLayout.JAVA_LONG, i, i % ((long) starts.length * MagnitudeSampling.RUN));
        }
        kernels.selectSample(values.getFirst(), values.getLast(), positions, keys);
    }

    private long positive(MemorySegment keys, int sample) {
        int nan = Float.floatToIntBits(Float.NaN);
        return sample - kernels.countEqual(keys, sample, 0) - kernels.countEqual(keys, sample, nan);
    }

    /** The element of a stratum that is sampled: one place in each of {@code sample} strata of equal size, scattered by a multiplicative hash. */
    public static long position(int stratum, int sample, long elements) {
        long width = elements / sample;
        long scatter = (stratum * 0x9E3779B97F4A7C15L) >>> 33;
        return width * stratum + scatter % width;
    }
}

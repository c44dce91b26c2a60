// SPDX-License-Identifier: Apache-2.0
package dev.ingot.bench;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.kernel.DeltaMerge;
import dev.ingot.kernel.Mask;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** Merging the deltas of three models into a base, as the methods of the task vector family do once masks are known. */
public class DeltaMergeBenchmark extends KernelBenchmark {
    private static final int MODELS = 3;

    /** What is done to the deltas. */
    public enum Method {
        /** Summed. */
        TASK_ARITHMETIC,
        /** The larger half kept, a sign elected, the agreeing ones averaged. */
        TIES,
        /** A random half kept and doubled, then summed. */
        DARE_LINEAR,
        /** A random half kept and doubled, a sign elected, the agreeing ones averaged. */
        DARE_TIES
    }

    /** The method. */
    @Param
    public Method method;

    /** Element type of inputs and output. */
    @Param({"BF16", "F32"})
    public Dtype dtype;

    private DeltaMerge merge;

    @Override
    Weights create() {
        boolean ties = method == Method.TIES || method == Method.DARE_TIES;
        float rescale = method == Method.DARE_LINEAR || method == Method.DARE_TIES ? 2f : 1f;
        merge = new DeltaMerge(
                IntStream.range(0, MODELS).mapToObj(i -> new DeltaMerge.Term(0.5f, rescale, mask(i))).toList(),
                ties, ties, 1f, 1f);
        return new Weights(MODELS, true, dtype, dtype);
    }

    private Mask mask(int model) {
        return switch (method) {
            case TASK_ARITHMETIC -> Mask.NONE;
            case TIES -> new Mask.Magnitude(Float.floatToIntBits(Weights.MEDIAN), Long.MAX_VALUE);
            case DARE_LINEAR, DARE_TIES -> Mask.Random.ofProbability(model + 1, 0.5);
        };
    }

    /** One tile. */
    @Benchmark
    public void deltaMerge(Lane lane, Traffic traffic) {
        int i = lane.advance();
        lane.kernels.deltaMerge(merge, weights.tile(i), weights.output(i));
        traffic.add(weights.bytesIn() + weights.bytesOut());
    }
}

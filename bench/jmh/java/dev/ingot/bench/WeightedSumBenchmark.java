// SPDX-License-Identifier: Apache-2.0
package dev.ingot.bench;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.kernel.WeightedSum;
import java.util.Collections;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** A weighted sum of k models: linear merging, and slerp once its two factors are known. */
public class WeightedSumBenchmark extends KernelBenchmark {
    /** Number of models. */
    @Param({"2", "4", "8"})
    public int k;

    /** Element type of inputs and output. */
    @Param({"BF16", "F32"})
    public Dtype dtype;

    private WeightedSum sum;

    @Override
    Weights create() {
        sum = new WeightedSum(Collections.nCopies(k, 1f / k));
        return new Weights(k, false, dtype, dtype);
    }

    /** One tile. */
    @Benchmark
    public void weightedSum(Lane lane, Traffic traffic) {
        int i = lane.advance();
        lane.kernels.weightedSum(sum, weights.tile(i), weights.output(i));
        traffic.add(weights.bytesIn() + weights.bytesOut());
    }
}

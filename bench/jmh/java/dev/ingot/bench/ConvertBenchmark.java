// SPDX-License-Identifier: Apache-2.0
package dev.ingot.bench;

import dev.ingot.checkpoint.Dtype;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** Rounding from one element type to another; equal types are a copy. */
public class ConvertBenchmark extends KernelBenchmark {
    /** Source and target type. */
    @Param({"BF16-BF16", "BF16-F32", "F32-BF16", "F16-BF16", "F32-F16"})
    public String types;

    @Override
    Weights create() {
        String[] names = types.split("-");
        return new Weights(1, false, Dtype.valueOf(names[0]), Dtype.valueOf(names[1]));
    }

    /** One tile. */
    @Benchmark
    public void convert(Lane lane, Traffic traffic) {
        int i = lane.advance();
        lane.kernels.convert(weights.tile(i).models().getFirst(), weights.output(i), Weights.TILE);
        traffic.add(weights.bytesIn() + weights.bytesOut());
    }
}

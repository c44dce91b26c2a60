// SPDX-License-Identifier: Apache-2.0
package dev.ingot.bench;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.kernel.Kernels;
import dev.ingot.kernel.Mask;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Sums of |d| and dot products of deltas, for k models and a base; only the input counts as traffic. */
public class ReductionBenchmark extends KernelBenchmark {
    /** Number of models. */
    @Param({"1", "3"})
    public int k;

    /** Element type of the inputs. */
    @Param({"BF16", "F32"})
    public Dtype dtype;

    private List<Mask> masks;

    /** One thread's partial sums. */
    @State(Scope.Thread)
    public static class Sums {
        private static final int MOST_SUMS = 6;
        private Arena arena;
        private MemorySegment segment;

        /** Allocates room for the larger of the two kernels' results. */
        @Setup(Level.Trial)
        public void allocate() {
            arena = Arena.ofConfined();
            segment = arena.allocate((long) Weights.TILE / Kernels.CHUNK * MOST_SUMS * Double.BYTES, 64);
        }

        /** Frees it. */
        @TearDown(Level.Trial)
        public void free() {
            arena.close();
        }
    }

    @Override
    Weights create() {
        masks = Collections.nCopies(k, Mask.NONE);
        return new Weights(k, true, dtype, dtype);
    }

    /** Sums of |d| of one tile. */
    @Benchmark
    public void deltaSums(Lane lane, Sums sums, Traffic traffic) {
        lane.kernels.deltaSums(masks, weights.tile(lane.advance()), sums.segment);
        traffic.add(weights.bytesIn());
    }

    /** Dot products of all pairs of deltas of one tile. */
    @Benchmark
    public void gram(Lane lane, Sums sums, Traffic traffic) {
        lane.kernels.gram(weights.tile(lane.advance()), sums.segment);
        traffic.add(weights.bytesIn());
    }
}

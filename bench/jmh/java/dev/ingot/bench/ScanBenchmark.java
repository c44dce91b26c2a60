// SPDX-License-Identifier: Apache-2.0
package dev.ingot.bench;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.kernel.Bracket;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * The scan of magnitude selection: the deltas of three models are counted against brackets, and what lies inside is
 * collected. Nothing else is written, so only the input counts as traffic.
 */
public class ScanBenchmark extends KernelBenchmark {
    private static final int MODELS = 3;

    /** Half the width of the bracket around the median magnitude, relative to it: 0.02 collects about 1.7 %. */
    @Param({"0.02", "0.2"})
    public float width;

    /** Element type of the inputs. */
    @Param({"BF16", "F32"})
    public Dtype dtype;

    private List<Bracket> brackets;

    /** One thread's candidate buffers. */
    @State(Scope.Thread)
    public static class Candidates {
        private Arena arena;
        private List<MemorySegment> buffers;

        /** Allocates one buffer for each model, large enough for a whole tile. */
        @Setup(Level.Trial)
        public void allocate() {
            arena = Arena.ofConfined();
            buffers = IntStream.range(0, MODELS)
                    .mapToObj(i -> arena.allocate((long) Weights.TILE * Integer.BYTES, 64).fill((byte) 0)).toList();
        }

        /** Frees them. */
        @TearDown(Level.Trial)
        public void free() {
            arena.close();
        }
    }

    @Override
    Weights create() {
        brackets = Collections.nCopies(MODELS, new Bracket(
                Float.floatToIntBits(Weights.MEDIAN * (1 - width)),
                Float.floatToIntBits(Weights.MEDIAN * (1 + width))));
        return new Weights(MODELS, true, dtype, dtype);
    }

    /** One tile. */
    @Benchmark
    public Object selectScan(Lane lane, Candidates candidates, Traffic traffic) {
        Object counts = lane.kernels.selectScan(brackets, weights.tile(lane.advance()), candidates.buffers);
        traffic.add(weights.bytesIn());
        return counts;
    }
}

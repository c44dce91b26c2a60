// SPDX-License-Identifier: Apache-2.0
package dev.ingot.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The reference rate of all kernel benchmarks: each thread copies one 256 MiB off-heap segment to another, which no
 * cache holds. A copy counts as 512 MiB, as it reads and writes.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class MemcpyBenchmark {
    private static final long BYTES = 256L << 20;

    private Arena arena;
    private MemorySegment from;
    private MemorySegment to;

    /** Allocates and touches both segments. */
    @Setup
    public void allocate() {
        arena = Arena.ofConfined();
        from = arena.allocate(BYTES, 64).fill((byte) 1);
        to = arena.allocate(BYTES, 64).fill((byte) 2);
    }

    /** Frees them. */
    @TearDown
    public void free() {
        arena.close();
    }

    /** One copy. */
    @Benchmark
    public void copy(Traffic traffic) {
        MemorySegment.copy(from, 0, to, 0, BYTES);
        traffic.add(2 * BYTES);
    }
}

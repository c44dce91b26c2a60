// SPDX-License-Identifier: Apache-2.0
package dev.ingot.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What the benchmarks of all kernel families share: settings, and inputs that the threads walk over in tiles. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public abstract class KernelBenchmark {
    Weights weights;

    /** The inputs for the current parameters. */
    abstract Weights create();

    /** Allocates them. */
    @Setup(Level.Trial)
    public void allocate() {
        weights = create();
    }

    /** Frees them. */
    @TearDown(Level.Trial)
    public void free() {
        weights.close();
    }
}

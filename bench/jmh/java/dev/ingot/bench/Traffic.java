// SPDX-License-Identifier: Apache-2.0
package dev.ingot.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * What a benchmark moved, and the processor time that it got for it. In throughput mode per nanosecond JMH turns
 * counters of bytes and nanoseconds into GB/s and processors, summed over the threads; the names are the units shown.
 */
@AuxCounters(AuxCounters.Type.OPERATIONS)
@State(Scope.Thread)
public class Traffic {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    /** Bytes: all inputs read once and the output written once, whatever the caches did. */
    public long gigabytesPerSecond;

    /** Nanoseconds on a processor; less than there are threads where other programs run as well. */
    public long processors;

    private long last;

    /** Starts the clock of the processor. */
    @Setup(Level.Iteration)
    public void start() {
        last = THREADS.getCurrentThreadCpuTime();
    }

    /** Counts one call, at its end. */
    void add(long bytes) {
        long now = THREADS.getCurrentThreadCpuTime();
        gigabytesPerSecond += bytes;
        processors += now - last;
        last = now;
    }
}

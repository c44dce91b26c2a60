// SPDX-License-Identifier: Apache-2.0
package dev.ingot.bench;

import dev.ingot.kernel.Backends;
import dev.ingot.kernel.Kernels;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.ThreadParams;

/**
 * One thread's lane of the backend, and its walk over all tiles in turn. Threads start far apart, so that none finds in
 * the cache what another one has just read.
 */
@State(Scope.Thread)
public class Lane {
    /** The backend that is measured; {@code INGOT_ISA} forces an instruction set of {@code cpu}. */
    @Param("cpu")
    public String backend;

    Kernels kernels;
    private int next;

    /** Opens the lane. */
    @Setup(Level.Trial)
    public void open(ThreadParams thread) {
        kernels = Backends.detect(System.getenv()).choose(backend).backend().open();
        next = thread.getThreadIndex() * Weights.TILES / thread.getThreadCount();
    }

    /** Closes it. */
    @TearDown(Level.Trial)
    public void close() {
        kernels.close();
    }

    /** The index of the tile that is this thread's next. */
    int advance() {
        next = (next + 1) % Weights.TILES;
        return next;
    }
}

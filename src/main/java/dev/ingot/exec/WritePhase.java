// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** The pass that computes the output and writes it; always a tensor's last. */
final class WritePhase extends TiledPhase {
    private static final int OUTPUT_BUFFER = 0;

    private final Kernel kernel;

    /** Computes a run of output elements into a buffer of exactly their size. */
    @FunctionalInterface
    interface Kernel {
        void compute(Lane lane, long start, long count, MemorySegment out);
    }

    WritePhase(MergeRun run, Kernel kernel) {
        super(run);
        this.kernel = kernel;
    }

    @Override
    void run(int tile, long start, long count, Lane lane) {
        int bits = run().tensor().dtype().bits();
        MemorySegment out = lane.buffer(OUTPUT_BUFFER, Math.ceilDiv(count * bits, 8));
        kernel.compute(lane, start, count, out);
        run().output().write(start * bits / 8, out, lane);
    }

    @Override
    public Optional<Phase> finish(Lane lane) {
        return Optional.empty();
    }
}

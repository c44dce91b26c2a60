// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** The pass that computes the output, always a tensor's last. Its tiles end where chunks of the output file end. */
final class WritePhase implements Phase {
    private final MergeRun run;
    private final Kernel kernel;

    /** Computes a run of output elements into memory of exactly their size. */
    @FunctionalInterface
    interface Kernel {
        void compute(Lane lane, long start, long count, MemorySegment out);
    }

    WritePhase(MergeRun run, Kernel kernel) {
        this.run = run;
        this.kernel = kernel;
    }

    @Override
    public int tiles() {
        return run.output().pieces(run.writeBytes());
    }

    @Override
    public void run(int tile, Lane lane) {
        TensorOutput.Piece piece = run.output().piece(tile, run.writeBytes());
        long element = run.tensor().dtype().bytes();
        long start = piece.first() / element;
        long count = piece.bytes() / element;
        run.prefetch(tile, start, count);
        MemorySegment out = run.output().reserve(piece);
        kernel.compute(lane, start, count, out);
        run.output().write(piece, out, lane);
        run.countRead(count);
    }

    @Override
    public Optional<Phase> finish(Lane lane) {
        return Optional.empty();
    }
}

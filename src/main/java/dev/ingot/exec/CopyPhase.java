// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.checkpoint.TensorRef;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** The pass that copies an input of the output's type, whatever the type. */
final class CopyPhase implements Phase {
    private final MergeRun run;
    private final TensorRef source;

    CopyPhase(MergeRun run, TensorRef source) {
        this.run = run;
        this.source = source;
    }

    @Override
    public int tiles() {
        return run.output().pieces(run.writeBytes());
    }

    @Override
    public void run(int tile, Lane lane) {
        TensorOutput.Piece piece = run.output().piece(tile, run.writeBytes());
        MemorySegment out = run.output().reserve(piece);
        run.inputs().copy(source, piece.first(), out, lane);
        run.output().write(piece, out, lane);
        run.countCopied(piece.bytes());
    }

    @Override
    public Optional<Phase> finish(Lane lane) {
        return Optional.empty();
    }
}

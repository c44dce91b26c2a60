// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import java.util.Optional;

/** The pass that reads back what an interrupted run wrote; what does not match its record is computed again. */
final class VerifyPhase implements Phase {
    private final MergeRun run;

    VerifyPhase(MergeRun run) {
        this.run = run;
    }

    @Override
    public int tiles() {
        return run.output().pieces(run.writeBytes());
    }

    @Override
    public void run(int tile, Lane lane) {
        TensorOutput.Piece piece = run.output().piece(tile, run.writeBytes());
        run.output().verify(piece, lane.buffer(0, piece.bytes()), lane);
    }

    @Override
    public Optional<Phase> finish(Lane lane) {
        if (run.output().isVerified()) {
            run.output().keep();
            return Optional.empty();
        }
        return Optional.of(run.begin(lane));
    }
}

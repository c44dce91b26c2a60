// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import java.util.Optional;

/** The pass that reads back what an interrupted run wrote; what does not match its record is computed again. */
final class VerifyPhase extends TiledPhase {
    VerifyPhase(MergeRun run) {
        super(run);
    }

    @Override
    boolean readsInputs() {
        return false;
    }

    @Override
    void run(int tile, long start, long count, Lane lane) {
        int bits = run().tensor().dtype().bits();
        run().output().verify(start * bits / 8, lane.buffer(0, Math.ceilDiv(count * bits, 8)), lane);
    }

    @Override
    public Optional<Phase> finish(Lane lane) {
        return run().output().isVerified() ? Optional.empty() : Optional.of(run().begin(lane));
    }
}

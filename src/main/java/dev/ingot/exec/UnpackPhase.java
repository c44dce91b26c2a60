// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.kernel.Table;
import dev.ingot.method.Step;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** The pass that reads a tensor's packed mask. */
final class UnpackPhase implements Phase {
    private static final long PIECE = 1 << 20;

    private final ProgramRun run;
    private final Step.Unpack step;
    private final MemorySegment bits;

    UnpackPhase(ProgramRun run, Step.Unpack step) {
        this.run = run;
        this.step = step;
        this.bits = run.allocate(Table.bitBytes(run.tensor().elements()), Long.BYTES);
    }

    @Override
    public int tiles() {
        return Math.toIntExact(Math.ceilDiv(bits.byteSize(), PIECE));
    }

    @Override
    public void run(int tile, Lane lane) {
        long first = tile * PIECE;
        MemorySegment piece = bits.asSlice(first, Math.min(PIECE, bits.byteSize() - first));
        run.inputs().copyMask(first, piece);
        BitOrder.reverse(piece);
        run.countCopied(piece.byteSize());
    }

    @Override
    public Optional<Phase> finish(Lane lane) {
        return Optional.of(run.phase(step.then().apply(new Table(bits)), lane));
    }
}

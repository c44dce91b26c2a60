// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.kernel.Operand;
import dev.ingot.linalg.Matrix;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** The pass that writes a matrix that a program has made, always a tensor's last. */
final class StorePhase implements Phase {
    private final MergeRun run;
    private final Matrix product;

    StorePhase(MergeRun run, Matrix product) {
        this.run = run;
        this.product = product;
    }

    @Override
    public int tiles() {
        return run.output().pieces(run.writeBytes());
    }

    @Override
    public void run(int tile, Lane lane) {
        TensorOutput.Piece piece = run.output().piece(tile, run.writeBytes());
        long element = run.tensor().dtype().bytes();
        long count = piece.bytes() / element;
        MemorySegment out = run.output().reserve(piece);
        Operand values = MatrixTask.part(product, piece.first() / element, count);
        lane.kernels().host().convert(values, new Operand(out, run.tensor().dtype()), count);
        run.output().write(piece, out, lane);
    }

    @Override
    public Optional<Phase> finish(Lane lane) {
        return Optional.empty();
    }
}

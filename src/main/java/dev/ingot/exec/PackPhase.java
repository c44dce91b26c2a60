// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.kernel.Formula;
import dev.ingot.kernel.FormulaResults;
import dev.ingot.kernel.Table;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;

/** The pass that computes a tensor of bits, always its last. */
final class PackPhase implements Phase {
    private final MergeRun run;
    private final Formula formula;

    PackPhase(MergeRun run, Formula formula) {
        this.run = run;
        this.formula = formula;
    }

    @Override
    public int tiles() {
        return run.output().pieces(run.writeBytes());
    }

    /** A piece of the file may hold the bits of several tiles. */
    @Override
    public void run(int tile, Lane lane) {
        TensorOutput.Piece piece = run.output().piece(tile, run.writeBytes());
        MemorySegment out = run.output().reserve(piece);
        long first = piece.first() * Byte.SIZE;
        long end = Math.min(run.tensor().elements(), first + piece.bytes() * Byte.SIZE);
        for (long start = first; start < end; start += run.tileElements()) {
            long count = Math.min(run.tileElements(), end - start);
            run.prefetch(Math.toIntExact(start / run.tileElements()), start, count);
            MemorySegment bits = lane.buffer(Lane.BITS, Table.bitBytes(count));
            lane.kernels()
                    .formula(
                            formula,
                            run.inputs().tile(lane, start, count),
                            new FormulaResults(List.of(), List.of(bits), MemorySegment.NULL));
            clearRest(bits, count);
            out.asSlice((start - first) / Byte.SIZE, bits.byteSize()).copyFrom(bits);
            run.countRead(count);
        }
        BitOrder.reverse(out);
        run.output().write(piece, out, lane);
    }

    /** Makes the bits of the last byte zero that belong to no element. */
    private static void clearRest(MemorySegment bits, long count) {
        int used = (int) (count % Byte.SIZE);
        if (used != 0) {
            long last = bits.byteSize() - 1;
            bits.set(ValueLayout.JAVA_BYTE, last, (byte) (bits.get(ValueLayout.JAVA_BYTE, last) & (1 << used) - 1));
        }
    }

    @Override
    public Optional<Phase> finish(Lane lane) {
        return Optional.empty();
    }
}

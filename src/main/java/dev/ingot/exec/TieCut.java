// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.kernel.InputFaultException;
import dev.ingot.kernel.Operand;
import dev.ingot.method.Score;
import dev.ingot.method.Selection;
import java.util.List;

/** Decides which of the elements equal to the threshold are kept: those with the lowest flat indices. */
final class TieCut {
    private TieCut() {}

    /** @param ties how many elements equal the threshold in each tile */
    static Selection of(ProgramRun run, Score score, Threshold threshold, long[] ties, Lane lane) {
        long wanted = threshold.ties();
        int tile = 0;
        while (tile < ties.length && ties[tile] < wanted) {
            wanted -= ties[tile++];
        }
        if (tile == ties.length) {
            throw changed();
        }
        long start = tile * run.tileElements();
        long count = Math.min(run.tileElements(), run.tensor().elements() - start);
        List<Operand> pair = Scores.operands(run, score, lane, start, count);
        long last = lane.kernels().selectNthEqual(pair.get(0), pair.get(1), count, threshold.key(), wanted);
        if (last < 0) {
            throw changed();
        }
        return new Selection(threshold.key(), start + last + 1);
    }

    /** Two reads of one tensor do not agree: its file was written meanwhile. */
    private static InputFaultException changed() {
        return new InputFaultException(null);
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Where the outputs and results of a {@link Formula} go.
 *
 * @param outputs one per output, each with the tile's number of elements
 * @param bits    one per output of bits: one bit per element of the tile, from the lowest bit of the first byte
 * @param values  float64 [segments][results]; may be empty if there are no results
 */
public record FormulaResults(List<Operand> outputs, List<MemorySegment> bits, MemorySegment values) {
    /** Copies the lists. */
    public FormulaResults {
        outputs = List.copyOf(outputs);
        bits = List.copyOf(bits);
    }

    /** A single output. */
    public static FormulaResults of(Operand output) {
        return new FormulaResults(List.of(output), List.of(), MemorySegment.NULL);
    }

    /** Results only. */
    public static FormulaResults of(MemorySegment values) {
        return new FormulaResults(List.of(), List.of(), values);
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import java.util.List;
import java.util.Objects;

/**
 * An elementwise computation as data: straight-line code on {@value #REGISTERS} float32 registers, one IEEE operation per
 * instruction, run for every element of a tile. Methods compose it with {@link FormulaBuilder}; every backend gives the same
 * bits. Immutable.
 *
 * @param code      the instructions, in order
 * @param outputs   number of outputs that are rounded to a storage type
 * @param bits      number of outputs that are packed to bits: set where the value is above 0
 * @param results   how each number per {@linkplain #segments segment} is made
 * @param tables    what the code looks up
 * @param rowLength elements of a row, for rows, columns and segments; 0 if the tensor is one row
 */
public record Formula(
        List<Instruction> code, int outputs, int bits, List<Reduction> results, List<Table> tables, long rowLength) {
    /** Registers there are. */
    public static final int REGISTERS = 16;

    /** Most results of a formula. */
    public static final int MAX_RESULTS = 128;

    /**
     * One operation.
     *
     * @param op     what is computed
     * @param target register of the value, or the number of the output (bits follow the others) or result
     * @param a      first operand: a register, or the number of an input or table
     * @param b      second register
     * @param c      third register
     * @param k0     constant: bits of a float32, threshold or key
     * @param k1     constant: tie cut
     */
    public record Instruction(FormulaOp op, int target, int a, int b, int c, long k0, long k1) {
        /** Checks the registers. */
        public Instruction {
            Objects.requireNonNull(op);
            if (!op.leaves() && !isRegister(target) || target < 0 || !isRegister(b) || !isRegister(c) || op.arity() > 0 && !isRegister(a)) {
                throw new IllegalArgumentException("no such register in " + op);
            }
        }
    }

    /** How the values of the elements of a segment become one number. */
    public enum Reduction {
        /** Their float64 sum. */
        SUM,
        /** The largest. */
        SUP
    }

    /** Checks sizes; copies the lists. */
    public Formula {
        code = List.copyOf(code);
        results = List.copyOf(results);
        tables = List.copyOf(tables);
        if (results.size() > MAX_RESULTS || rowLength < 0) {
            throw new IllegalArgumentException("a formula has at most " + MAX_RESULTS + " results");
        }
    }

    /** Elements from a flat index to the end of its segment: rows are cut at multiples of the chunk from their start. */
    public static long segmentLeft(long index, long rowLength) {
        long column = rowLength == 0 ? index : index % rowLength;
        long left = Kernels.CHUNK - column % Kernels.CHUNK;
        return rowLength == 0 ? left : Math.min(left, rowLength - column);
    }

    /** Number of segments of a run of elements that starts with one. */
    public static long segments(long start, long count, long rowLength) {
        if (rowLength == 0) {
            return Math.ceilDiv(count, Kernels.CHUNK);
        }
        long perRow = Math.ceilDiv(rowLength, Kernels.CHUNK);
        return segmentsBefore(start + count, rowLength, perRow) - segmentsBefore(start, rowLength, perRow);
    }

    private static long segmentsBefore(long index, long rowLength, long perRow) {
        return index / rowLength * perRow + Math.ceilDiv(index % rowLength, Kernels.CHUNK);
    }

    private static boolean isRegister(int index) {
        return index >= 0 && index < REGISTERS;
    }
}

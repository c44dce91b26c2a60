// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import dev.ingot.checkpoint.Dtype;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Checks every backend makes before it touches memory: a violation is a defect of the caller, reported as
 * {@link IllegalArgumentException} instead of a crash in native code.
 */
final class Arguments {
    /** Bins of a histogram of the keys' upper bits. */
    static final int COARSE_BINS = 1 << 16;

    /** Bins of a histogram of the keys' lower bits. */
    static final int FINE_BINS = 1 << 15;

    private Arguments() {}

    static void convert(Operand input, Operand output, long count) {
        input("input", input, count);
        output(output, count);
    }

    static void weightedSum(WeightedSum op, Tile tile, Operand output) {
        models(tile, op.weights().size(), Integer.MAX_VALUE);
        output(output, tile.count());
    }

    static void deltaMerge(DeltaMerge op, Tile tile, Operand output) {
        input("base", tile.requireBase(), tile.count());
        models(tile, op.terms().size(), DeltaMerge.MAX_TERMS);
        op.terms().forEach(term -> mask(term.mask(), tile));
        output(output, tile.count());
    }

    static void deltaSums(List<Mask> masks, Tile tile, MemorySegment sums) {
        input("base", tile.requireBase(), tile.count());
        models(tile, masks.size(), DeltaMerge.MAX_TERMS);
        masks.forEach(mask -> mask(mask, tile));
        reduction(tile, sums, 2L * masks.size());
    }

    static void gram(Tile tile, MemorySegment sums) {
        tile.base().ifPresent(base -> input("base", base, tile.count()));
        models(tile, tile.models().size(), DeltaMerge.MAX_TERMS);
        reduction(tile, sums, pairs(tile.models().size()));
    }

    /** Dot products among that many vectors, those with themselves included. */
    static int pairs(int models) {
        return Math.toIntExact(models * (models + 1L) / 2);
    }

    static void selectScan(List<Bracket> brackets, Tile tile, List<MemorySegment> candidates) {
        input("base", tile.requireBase(), tile.count());
        models(tile, brackets.size(), DeltaMerge.MAX_TERMS);
        require(candidates.size() == brackets.size(), "one candidate buffer per model is needed");
        candidates.forEach(buffer -> writable("candidates", buffer, 0));
    }

    static void selectSample(Operand base, Operand model, MemorySegment positions, MemorySegment keys) {
        long n = positions.byteSize() / Long.BYTES;
        require(positions.isNative(), "positions are not in native memory");
        writable("keys", keys, Math.multiplyExact(n, Integer.BYTES));
        long end = Math.min(elements(base), elements(model));
        for (long i = 0; i < n; i++) {
            long position = positions.get(Blocks.LONG, i * Long.BYTES);
            require(position >= 0 && position < end, "a sample position is outside the operands");
        }
        input("base", base, 0);
        input("model", model, 0);
    }

    static void selectHistogram(Operand base, Operand model, long count, int prefix, MemorySegment bins) {
        input("base", base, count);
        input("model", model, count);
        require(prefix < COARSE_BINS, "a histogram's prefix is outside the key's upper bits");
        writable("bins", bins, (prefix < 0 ? COARSE_BINS : FINE_BINS) * (long) Long.BYTES);
    }

    static void selectNthEqual(Operand base, Operand model, long count, long nth) {
        input("base", base, count);
        input("model", model, count);
        require(nth >= 1, "elements are counted from 1");
    }

    static void kthLargest(MemorySegment keys, long count, long rank) {
        readable("keys", keys, Math.multiplyExact(count, (long) Integer.BYTES));
        require(rank >= 1 && rank <= count, "the rank is outside 1 to the number of keys");
    }

    static void countEqual(MemorySegment keys, long count) {
        readable("keys", keys, Math.multiplyExact(count, (long) Integer.BYTES));
    }

    static void formula(Formula formula, Tile tile, FormulaResults to) {
        int inputs = tile.models().size() + (tile.base().isPresent() ? 1 : 0);
        tile.base().ifPresent(base -> input("base", base, tile.count()));
        tile.models().forEach(model -> input("model", model, tile.count()));
        for (Formula.Instruction instruction : formula.code()) {
            int limit = switch (instruction.op()) {
                case INPUT -> inputs;
                case ROW, COLUMN, BIT -> formula.tables().size();
                default -> Integer.MAX_VALUE;
            };
            require(instruction.a() >= 0 && instruction.a() < limit, "a formula reads an input or table that is not there");
            if (instruction.op().leaves()) {
                int places = instruction.op() == FormulaOp.STORE ? formula.outputs() + formula.bits() : formula.results().size();
                require(instruction.target() < places, "a formula has no such output or result");
            }
            tables(instruction, formula, tile);
        }
        require(to.outputs().size() == formula.outputs(), "one place per output of the formula is needed");
        to.outputs().forEach(output -> output(output, tile.count()));
        require(to.bits().size() == formula.bits(), "one place per output of bits is needed");
        to.bits().forEach(bits -> writable("bits", bits, Table.bitBytes(tile.count())));
        if (!formula.results().isEmpty()) {
            long row = formula.rowLength();
            require((row == 0 ? tile.start() : tile.start() % row) % Kernels.CHUNK == 0, "a tile does not start with a segment");
            long segments = Formula.segments(tile.start(), tile.count(), row);
            writable("values", to.values(), segments * formula.results().size() * Double.BYTES);
        }
    }

    static void rankedMask(RankedMask op, Tile tile, MemorySegment bits, MemorySegment sums) {
        long row = op.rowLength();
        int models = tile.models().size();
        input("base", tile.requireBase(), tile.count());
        models(tile, models, 2);
        require(models == 1 || tile.models().getLast().dtype() == Dtype.F32, "random numbers are not float32");
        require(tile.start() % row == 0 && tile.count() % row == 0, "a tile does not consist of whole rows");
        writable("bits", bits, Table.bitBytes(tile.count()));
        writable("sums", sums, Formula.segments(tile.start(), tile.count(), row) * 2 * Double.BYTES);
    }

    static void bandMask(BandMask op, Tile tile, MemorySegment bits) {
        input("base", tile.requireBase(), tile.count());
        models(tile, 1, 1);
        require(tile.count() % op.rowLength() == 0, "a tile does not consist of whole rows");
        writable("bits", bits, Table.bitBytes(tile.count()));
    }

    static void rowRanks(Operand values, long rowLength, long count, Operand ranks) {
        require(values.dtype() == Dtype.F32 && ranks.dtype() == Dtype.F32, "ranks are made of float32, and are float32");
        require(rowLength >= 1 && rowLength < RankedMask.MAX_ROW, "a row is empty, or has more elements than float32 can count");
        input("values", values, count);
        output(ranks, count);
    }

    /** Tables have entries for all of the tile. */
    private static void tables(Formula.Instruction instruction, Formula formula, Tile tile) {
        long end = tile.start() + tile.count();
        long row = formula.rowLength();
        long bytes = switch (instruction.op()) {
            case ROW -> (row == 0 ? 1 : Math.ceilDiv(end, row)) * Float.BYTES;
            case COLUMN -> (row == 0 ? end : row) * Float.BYTES;
            case BIT -> Table.bitBytes(end);
            default -> -1;
        };
        if (bytes >= 0) {
            readable("table", formula.tables().get(instruction.a()).data(), bytes);
        }
    }

    private static void mask(Mask mask, Tile tile) {
        if (mask instanceof Mask.Bits(Table table)) {
            readable("mask", table.data(), Table.bitBytes(tile.start() + tile.count()));
        }
    }

    private static void models(Tile tile, int expected, int most) {
        require(tile.models().size() == expected, "the operation and the tile differ in their number of models");
        require(expected >= 1 && expected <= most, "the number of models is outside 1 to the most of the operation");
        for (Operand model : tile.models()) {
            input("model", model, tile.count());
        }
    }

    private static void reduction(Tile tile, MemorySegment sums, long perChunk) {
        require(tile.start() % Kernels.CHUNK == 0, "a reduction's tile does not start at a multiple of the chunk length");
        long chunks = Math.ceilDiv(tile.count(), Kernels.CHUNK);
        writable("sums", sums, Math.multiplyExact(chunks, perChunk * Double.BYTES));
    }

    private static void input(String role, Operand operand, long count) {
        readable(role, operand.data(), bytes(operand, count));
    }

    private static void output(Operand operand, long count) {
        writable("output", operand.data(), bytes(operand, count));
    }

    private static long bytes(Operand operand, long count) {
        return Math.multiplyExact(count, (long) operand.dtype().bytes());
    }

    private static long elements(Operand operand) {
        return operand.data().byteSize() / operand.dtype().bytes();
    }

    private static void writable(String role, MemorySegment segment, long bytes) {
        require(!segment.isReadOnly(), role + ": the segment is read-only");
        readable(role, segment, bytes);
    }

    private static void readable(String role, MemorySegment segment, long bytes) {
        require(segment.isNative(), role + ": the segment is not in native memory");
        require(bytes >= 0 && segment.byteSize() >= bytes, role + ": the segment is shorter than its elements");
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}

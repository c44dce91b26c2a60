// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Supplier;

/** A lane of the reference backend. Its scratch memory is a few blocks on the heap. */
final class ReferenceKernels implements Kernels {
    private final ReferenceElementwise elementwise = new ReferenceElementwise();
    private final ReferenceReductions reductions = new ReferenceReductions();
    private final ReferenceSelection selection = new ReferenceSelection();
    private final ReferenceFormula formulas = new ReferenceFormula();

    @Override
    public void convert(Operand input, Operand output, long count) {
        Arguments.convert(input, output, count);
        reading(() -> elementwise.convert(input, output, count));
    }

    @Override
    public void weightedSum(WeightedSum op, Tile tile, Operand output) {
        Arguments.weightedSum(op, tile, output);
        reading(() -> elementwise.weightedSum(op, tile, output));
    }

    @Override
    public void deltaMerge(DeltaMerge op, Tile tile, Operand output) {
        Arguments.deltaMerge(op, tile, output);
        reading(() -> elementwise.deltaMerge(op, tile, output));
    }

    @Override
    public void deltaSums(List<Mask> masks, Tile tile, MemorySegment sums) {
        Arguments.deltaSums(masks, tile, sums);
        reading(() -> reductions.deltaSums(masks, tile, sums));
    }

    @Override
    public void gram(Tile tile, MemorySegment sums) {
        Arguments.gram(tile, sums);
        reading(() -> reductions.gram(tile, sums));
    }

    @Override
    public List<ScanCounts> selectScan(List<Bracket> brackets, Tile tile, List<MemorySegment> candidates) {
        Arguments.selectScan(brackets, tile, candidates);
        return reading(() -> selection.scan(brackets, tile, candidates));
    }

    @Override
    public void selectSample(Operand base, Operand model, MemorySegment positions, MemorySegment keys) {
        Arguments.selectSample(base, model, positions, keys);
        reading(() -> selection.sample(base, model, positions, keys));
    }

    @Override
    public void selectHistogram(Operand base, Operand model, long count, int prefix, MemorySegment bins) {
        Arguments.selectHistogram(base, model, count, prefix, bins);
        reading(() -> selection.histogram(base, model, count, prefix, bins));
    }

    @Override
    public long selectNthEqual(Operand base, Operand model, long count, int key, long nth) {
        Arguments.selectNthEqual(base, model, count, nth);
        return reading(() -> selection.nthEqual(base, model, count, key, nth));
    }

    @Override
    public KthLargest kthLargest(MemorySegment keys, long count, long rank) {
        Arguments.kthLargest(keys, count, rank);
        return ReferenceSelection.kthLargest(keys, count, rank);
    }

    @Override
    public long countEqual(MemorySegment keys, long count, int key) {
        Arguments.countEqual(keys, count);
        return ReferenceSelection.countEqual(keys, count, key);
    }

    @Override
    public void formula(Formula formula, Tile tile, FormulaResults to) {
        Arguments.formula(formula, tile, to);
        reading(() -> formulas.run(formula, tile, to));
    }

    @Override
    public void rankedMask(RankedMask op, Tile tile, MemorySegment bits, MemorySegment sums) {
        Arguments.rankedMask(op, tile, bits, sums);
        reading(() -> ReferenceRankedMask.run(op, tile, bits, sums));
    }

    @Override
    public void bandMask(BandMask op, Tile tile, MemorySegment bits) {
        Arguments.bandMask(op, tile, bits);
        reading(() -> ReferenceBandMask.run(op, tile, bits));
    }

    @Override
    public void rowRanks(Operand values, long rowLength, long count, Operand ranks) {
        Arguments.rowRanks(values, rowLength, count, ranks);
        ReferenceRanks.rowRanks(values, rowLength, count, ranks);
    }

    @Override
    public void close() {}

    private static void reading(Runnable kernel) {
        reading(() -> {
            kernel.run();
            return null;
        });
    }

    /** The Java machine reports a page that a mapped file no longer has as an InternalError with a fixed message. */
    private static <T> T reading(Supplier<T> kernel) {
        try {
            T result = kernel.get();
            // Compiled code is told of the fault later, at the end of a native call for instance: here, not somewhere behind.
            Thread.yield();
            return result;
        } catch (InternalError fault) {
            if (String.valueOf(fault.getMessage()).contains("unsafe memory")) {
                throw new InputFaultException(fault);
            }
            throw fault;
        }
    }
}

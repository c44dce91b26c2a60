// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import dev.ingot.ffi.nativelib.IngotNative;
import dev.ingot.ffi.nativelib.ingot_band_mask_args;
import dev.ingot.ffi.nativelib.ingot_convert_args;
import dev.ingot.ffi.nativelib.ingot_delta_merge_args;
import dev.ingot.ffi.nativelib.ingot_delta_sums_args;
import dev.ingot.ffi.nativelib.ingot_formula_args;
import dev.ingot.ffi.nativelib.ingot_gram_args;
import dev.ingot.ffi.nativelib.ingot_kth_largest_args;
import dev.ingot.ffi.nativelib.ingot_operand;
import dev.ingot.ffi.nativelib.ingot_ranked_mask_args;
import dev.ingot.ffi.nativelib.ingot_row_ranks_args;
import dev.ingot.ffi.nativelib.ingot_select_histogram_args;
import dev.ingot.ffi.nativelib.ingot_select_nth_args;
import dev.ingot.ffi.nativelib.ingot_select_sample_args;
import dev.ingot.ffi.nativelib.ingot_select_scan_args;
import dev.ingot.ffi.nativelib.ingot_weighted_sum_args;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A lane of the native library: one call of it per kernel. The argument structs are allocated once; a call allocates no
 * native memory. Confined to the thread that opened it.
 */
final class CpuKernels implements Kernels {
    private final Arena arena = Arena.ofConfined();
    private final KernelStructs structs = new KernelStructs(arena);
    private final MemorySegment convert = ingot_convert_args.allocate(arena);
    private final MemorySegment weightedSum = ingot_weighted_sum_args.allocate(arena);
    private final MemorySegment deltaMerge = ingot_delta_merge_args.allocate(arena);
    private final MemorySegment deltaSums = ingot_delta_sums_args.allocate(arena);
    private final MemorySegment gram = ingot_gram_args.allocate(arena);
    private final MemorySegment scan = ingot_select_scan_args.allocate(arena);
    private final MemorySegment sample = ingot_select_sample_args.allocate(arena);
    private final MemorySegment histogram = ingot_select_histogram_args.allocate(arena);
    private final MemorySegment nth = ingot_select_nth_args.allocate(arena);
    private final MemorySegment formula = ingot_formula_args.allocate(arena);
    private final MemorySegment ranked = ingot_ranked_mask_args.allocate(arena);
    private final MemorySegment band = ingot_band_mask_args.allocate(arena);
    private final MemorySegment ranks = ingot_row_ranks_args.allocate(arena);
    private final FormulaStructs formulas = new FormulaStructs(arena);
    private final MemorySegment kth = ingot_kth_largest_args.allocate(arena);

    @Override
    public void convert(Operand input, Operand output, long count) {
        Arguments.convert(input, output, count);
        KernelStructs.operand(ingot_convert_args.input(convert), input);
        KernelStructs.operand(ingot_convert_args.output(convert), output);
        ingot_convert_args.count(convert, count);
        check(IngotNative.ingot_convert(convert));
        keepAlive(input, output);
    }

    @Override
    public void weightedSum(WeightedSum op, Tile tile, Operand output) {
        Arguments.weightedSum(op, tile, output);
        ingot_weighted_sum_args.inputs(weightedSum, structs.operands(tile.models()));
        ingot_weighted_sum_args.weights(weightedSum, structs.weights(op.weights()));
        KernelStructs.operand(ingot_weighted_sum_args.output(weightedSum), output);
        ingot_weighted_sum_args.count(weightedSum, tile.count());
        ingot_weighted_sum_args.input_count(weightedSum, op.weights().size());
        check(IngotNative.ingot_weighted_sum(weightedSum));
        keepAlive(tile, output);
    }

    @Override
    public void deltaMerge(DeltaMerge op, Tile tile, Operand output) {
        Arguments.deltaMerge(op, tile, output);
        KernelStructs.operand(ingot_delta_merge_args.base(deltaMerge), tile.requireBase());
        KernelStructs.operand(ingot_delta_merge_args.output(deltaMerge), output);
        ingot_delta_merge_args.terms(deltaMerge, structs.terms(op.terms(), tile.models()));
        ingot_delta_merge_args.start(deltaMerge, tile.start());
        ingot_delta_merge_args.count(deltaMerge, tile.count());
        ingot_delta_merge_args.term_count(deltaMerge, op.terms().size());
        ingot_delta_merge_args.consensus(deltaMerge, op.consensus() ? 1 : 0);
        ingot_delta_merge_args.normalize(deltaMerge, op.normalize() ? 1 : 0);
        ingot_delta_merge_args.divisor(deltaMerge, op.divisor());
        ingot_delta_merge_args.lambda(deltaMerge, op.lambda());
        check(IngotNative.ingot_delta_merge(deltaMerge));
        keepAlive(tile, output);
        keepAlive(op, op);
    }

    @Override
    public void deltaSums(List<Mask> masks, Tile tile, MemorySegment sums) {
        Arguments.deltaSums(masks, tile, sums);
        KernelStructs.operand(ingot_delta_sums_args.base(deltaSums), tile.requireBase());
        ingot_delta_sums_args.terms(deltaSums, structs.masked(masks, tile.models()));
        ingot_delta_sums_args.sums(deltaSums, sums);
        ingot_delta_sums_args.start(deltaSums, tile.start());
        ingot_delta_sums_args.count(deltaSums, tile.count());
        ingot_delta_sums_args.term_count(deltaSums, masks.size());
        check(IngotNative.ingot_delta_sums(deltaSums));
        keepAlive(tile, sums);
        keepAlive(masks, masks);
    }

    @Override
    public void gram(Tile tile, MemorySegment sums) {
        Arguments.gram(tile, sums);
        MemorySegment base = ingot_gram_args.base(gram);
        ingot_operand.data(base, MemorySegment.NULL);
        tile.base().ifPresent(operand -> KernelStructs.operand(base, operand));
        ingot_gram_args.inputs(gram, structs.operands(tile.models()));
        ingot_gram_args.sums(gram, sums);
        ingot_gram_args.count(gram, tile.count());
        ingot_gram_args.input_count(gram, tile.models().size());
        check(IngotNative.ingot_gram(gram));
        keepAlive(tile, sums);
    }

    @Override
    public List<ScanCounts> selectScan(List<Bracket> brackets, Tile tile, List<MemorySegment> candidates) {
        Arguments.selectScan(brackets, tile, candidates);
        KernelStructs.operand(ingot_select_scan_args.base(scan), tile.requireBase());
        ingot_select_scan_args.terms(scan, structs.scanTerms(brackets, tile.models(), candidates));
        ingot_select_scan_args.count(scan, tile.count());
        ingot_select_scan_args.term_count(scan, brackets.size());
        check(IngotNative.ingot_select_scan(scan));
        keepAlive(tile, candidates);
        return IntStream.range(0, brackets.size()).mapToObj(structs::scanned).toList();
    }

    @Override
    public void selectSample(Operand base, Operand model, MemorySegment positions, MemorySegment keys) {
        Arguments.selectSample(base, model, positions, keys);
        KernelStructs.operand(ingot_select_sample_args.base(sample), base);
        KernelStructs.operand(ingot_select_sample_args.model(sample), model);
        ingot_select_sample_args.positions(sample, positions);
        ingot_select_sample_args.keys(sample, keys);
        ingot_select_sample_args.count(sample, positions.byteSize() / Long.BYTES);
        check(IngotNative.ingot_select_sample(sample));
        keepAlive(base, model);
        keepAlive(positions, keys);
    }

    @Override
    public void selectHistogram(Operand base, Operand model, long count, int prefix, MemorySegment bins) {
        Arguments.selectHistogram(base, model, count, prefix, bins);
        KernelStructs.operand(ingot_select_histogram_args.base(histogram), base);
        KernelStructs.operand(ingot_select_histogram_args.model(histogram), model);
        ingot_select_histogram_args.bins(histogram, bins);
        ingot_select_histogram_args.count(histogram, count);
        ingot_select_histogram_args.prefix(histogram, prefix);
        check(IngotNative.ingot_select_histogram(histogram));
        keepAlive(base, model);
        keepAlive(bins, bins);
    }

    @Override
    public long selectNthEqual(Operand base, Operand model, long count, int key, long rank) {
        Arguments.selectNthEqual(base, model, count, rank);
        KernelStructs.operand(ingot_select_nth_args.base(nth), base);
        KernelStructs.operand(ingot_select_nth_args.model(nth), model);
        ingot_select_nth_args.count(nth, count);
        ingot_select_nth_args.nth(nth, rank);
        ingot_select_nth_args.key(nth, key);
        check(IngotNative.ingot_select_nth_equal(nth));
        keepAlive(base, model);
        return ingot_select_nth_args.position(nth);
    }

    @Override
    public KthLargest kthLargest(MemorySegment keys, long count, long rank) {
        Arguments.kthLargest(keys, count, rank);
        ingot_kth_largest_args.keys(kth, keys);
        ingot_kth_largest_args.count(kth, count);
        ingot_kth_largest_args.rank(kth, rank);
        check(IngotNative.ingot_kth_largest(kth));
        keepAlive(keys, keys);
        return new KthLargest(ingot_kth_largest_args.key(kth), ingot_kth_largest_args.larger(kth));
    }

    @Override
    public long countEqual(MemorySegment keys, long count, int key) {
        Arguments.countEqual(keys, count);
        // Passed as an argument of the call itself, the segment is kept alive by the linker.
        return IngotNative.ingot_count_equal(keys, count, key);
    }

    @Override
    public void formula(Formula op, Tile tile, FormulaResults to) {
        Arguments.formula(op, tile, to);
        List<Operand> inputs = Stream.concat(tile.base().stream(), tile.models().stream()).toList();
        ingot_formula_args.inputs(formula, structs.operands(inputs));
        ingot_formula_args.input_count(formula, inputs.size());
        formulas.write(formula, op, to);
        ingot_formula_args.start(formula, tile.start());
        ingot_formula_args.count(formula, tile.count());
        check(IngotNative.ingot_formula(formula));
        keepAlive(tile, to);
        keepAlive(op, op);
    }

    @Override
    public void rankedMask(RankedMask op, Tile tile, MemorySegment bits, MemorySegment sums) {
        Arguments.rankedMask(op, tile, bits, sums);
        boolean drawn = tile.models().size() > 1;
        long scratch = RankedMask.SCRATCH * Float.BYTES * (op.rowLength() + RankedMask.SLACK);
        KernelStructs.operand(ingot_ranked_mask_args.base(ranked), tile.requireBase());
        KernelStructs.operand(ingot_ranked_mask_args.model(ranked), tile.models().getFirst());
        ingot_ranked_mask_args.draws(ranked, drawn ? tile.models().getLast().data() : MemorySegment.NULL);
        ingot_ranked_mask_args.bits(ranked, bits);
        ingot_ranked_mask_args.sums(ranked, sums);
        ingot_ranked_mask_args.scratch(ranked, structs.scratch(scratch));
        ingot_ranked_mask_args.key(ranked, op.key());
        ingot_ranked_mask_args.start(ranked, tile.start());
        ingot_ranked_mask_args.count(ranked, tile.count());
        ingot_ranked_mask_args.row_length(ranked, op.rowLength());
        ingot_ranked_mask_args.low(ranked, op.low());
        ingot_ranked_mask_args.width(ranked, op.width());
        check(IngotNative.ingot_ranked_mask(ranked));
        keepAlive(tile, bits);
        keepAlive(sums, sums);
    }

    @Override
    public void bandMask(BandMask op, Tile tile, MemorySegment bits) {
        Arguments.bandMask(op, tile, bits);
        long scratch = BandMask.SCRATCH * Float.BYTES * (op.rowLength() + RankedMask.SLACK);
        KernelStructs.operand(ingot_band_mask_args.base(band), tile.requireBase());
        KernelStructs.operand(ingot_band_mask_args.model(band), tile.models().getFirst());
        ingot_band_mask_args.bits(band, bits);
        ingot_band_mask_args.scratch(band, structs.scratch(scratch));
        ingot_band_mask_args.count(band, tile.count());
        ingot_band_mask_args.row_length(band, op.rowLength());
        ingot_band_mask_args.first(band, op.first());
        ingot_band_mask_args.end(band, op.end());
        check(IngotNative.ingot_band_mask(band));
        keepAlive(tile, bits);
    }

    @Override
    public void rowRanks(Operand values, long rowLength, long count, Operand places) {
        Arguments.rowRanks(values, rowLength, count, places);
        ingot_row_ranks_args.values(ranks, values.data());
        ingot_row_ranks_args.ranks(ranks, places.data());
        ingot_row_ranks_args.scratch(ranks, structs.scratch(3 * rowLength * Long.BYTES));
        ingot_row_ranks_args.row_length(ranks, rowLength);
        ingot_row_ranks_args.count(ranks, count);
        check(IngotNative.ingot_row_ranks(ranks));
        keepAlive(values, places);
    }

    @Override
    public void close() {
        arena.close();
    }

    private static void check(int status) {
        if (status == IngotNative.INGOT_INPUT_FAULT()) {
            throw new InputFaultException(null);
        }
        if (status != IngotNative.INGOT_OK()) {
            throw new IllegalArgumentException("the native library refused the arguments: status " + status);
        }
    }

    /** The structs hold bare addresses: the garbage collector must not free the memory behind them during the call. */
    private static void keepAlive(Object first, Object second) {
        Reference.reachabilityFence(first);
        Reference.reachabilityFence(second);
    }
}
